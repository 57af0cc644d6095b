"""Which system wrote a file, by its headings."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from webapp.core.text import caseless_key
from webapp.core.texts import in_all_languages
from webapp.imports.files.headings import heading_key, heading_keys

# Key → name. ROLLCALL's files have Rollcall's own IDs.
SYSTEMS = {
    "rollcall": "Rollcall",
    "google": "Google Workspace",
    "entra": "Microsoft Entra",
    "ad": "Active Directory",
    "okta": "Okta",
    "keycloak": "Keycloak",
    "django": "Django",
    "scim": "SCIM",
}
CONTAINERS = ("csv", "tsv", "xlsx", "json", "jsonl", "ldif")
# Headings of exports. All headings of one of the groups must be there.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("scim", ("schemas", "userName")),
    ("keycloak", ("username", "enabled", "emailVerified")),
    ("keycloak", ("username", "enabled", "createdTimestamp")),
    ("keycloak", ("username", "enabled", "requiredActions")),
    ("django", ("password_hash", "is_active", "date_joined")),
    ("django", ("password_hash", "is_active", "is_superuser")),
    ("django", ("password_hash", "is_active", "is_staff")),
    ("google", ("Email Address", "Org Unit Path")),
    ("google", ("primaryEmail", "orgUnitPath")),
    ("google", ("primaryEmail", "suspended")),
    ("ad", ("sAMAccountName", "userAccountControl")),
    ("ad", ("sAMAccountName", "distinguishedName")),
    ("ad", ("SamAccountName", "Enabled")),
    ("okta", ("profile.login", "status")),
    ("okta", ("login", "email", "secondEmail")),
    ("okta", ("login", "firstName", "lastName")),
    ("okta", ("Okta ID",)),
    ("entra", ("userPrincipalName", "accountEnabled")),
    ("entra", ("userPrincipalName", "displayName")),
    ("entra", ("User principal name", "Display name")),
    ("rollcall", ("id", "email", "status", "timezone")),
    ("rollcall", ("id", "email", "status", "starts_at")),
    ("rollcall", ("id", "mail", "status", "createdAt")),
)
# Of the columns that Rollcall exports with headings in the viewer's language.
_OWN = ("ID", "E-mail address", "Username", "Status", "Access starts on", "Access ends on", "Created (UTC)")


@lru_cache
def _signs() -> list[tuple[str, frozenset[str]]]:
    signs = [(system, frozenset(map(heading_key, headings))) for system, headings in _SIGNS]
    translated = zip(*(in_all_languages(heading) for heading in _OWN), strict=True)
    return [*signs, *(("rollcall", frozenset(map(heading_key, headings))) for headings in translated)]


def find_system(headings: Collection[str]) -> str | None:
    """Return the key of the system, or None."""
    keys = {key for heading in headings for key in heading_keys(heading)}
    return next((system for system, sign in _signs() if sign <= keys), None)


def find_format(name: str) -> tuple[str, str]:
    """Return container and system, "" for unknown, of a format that people chose. Raise KeyError."""
    key = caseless_key(name)
    if key in CONTAINERS:
        return key, ""
    system = {"microsoft": "entra", "azure": "entra", "google-workspace": "google"}.get(key, key)
    if system not in SYSTEMS:
        raise KeyError(name)
    return "", system
