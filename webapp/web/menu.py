"""The links of the main navigation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from flask import request, url_for

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.guards import can

# Blueprints whose pages belong to the section of people.
OF_USERS = frozenset({"bulk", "duplicates", "imports", "feeds", "scheduled_exports"})


@dataclass(frozen=True)
class MenuLink:
    """A link for people with the permission `needs`. `everywhere`: the permission must not be limited to groups."""

    section: str
    endpoint: str
    text: str
    icon: str
    needs: Permission | None = None
    everywhere: bool = False

    @property
    def url(self) -> str:
        return url_for(self.endpoint)


# If several links have one section, the first that a person can open is shown.
LINKS = (
    MenuLink("dashboard", "dashboard.show", _("Overview"), "home", Permission.USERS_READ, everywhere=True),
    MenuLink("users", "directory.index", _("Users"), "users", Permission.USERS_READ),
    MenuLink("groups", "groups.index", _("Groups"), "grid", Permission.USERS_READ),
    MenuLink("roles", "roles.index", _("Roles"), "shield", Permission.ROLES_GRANT),
    MenuLink("history", "history.index", _("Audit trail"), "history", Permission.AUDIT_READ, everywhere=True),
    MenuLink("reviews", "reviews.show", _("Access review"), "key", Permission.AUDIT_READ, everywhere=True),
    MenuLink("jobs", "jobs.index", _("Jobs"), "clock"),
    MenuLink("settings", "settings.index", _("Settings"), "settings", Permission.SETTINGS_MANAGE, everywhere=True),
    MenuLink("settings", "token_settings.index", _("Settings"), "settings", Permission.TOKENS_MANAGE),
    MenuLink("settings", "webhooks.index", _("Settings"), "settings", Permission.WEBHOOKS_MANAGE, everywhere=True),
    MenuLink("account", "account.show", _("My account"), "user"),
    MenuLink("views", "views.index", _("Views"), "bookmark", Permission.USERS_READ),
)


def menu_links() -> list[MenuLink]:
    """Return the links for the signed-in user. For templates."""
    return _first_of_each_section(lambda link: not link.needs or can(link.needs, everywhere=link.everywhere))


def menu_links_with(permissions: Collection[Permission]) -> list[MenuLink]:
    """Return the links for people who have these permissions everywhere. For templates."""
    return _first_of_each_section(lambda link: not link.needs or link.needs in permissions)


def _first_of_each_section(can_open: Callable[[MenuLink], bool]) -> list[MenuLink]:
    found: dict[str, MenuLink] = {}
    for link in LINKS:
        if can_open(link):
            found.setdefault(link.section, link)
    return list(found.values())


def current_section() -> str:
    """Return the section of the page. For templates.

    Pages of a person belong to "users" and pages of a group to "groups", whatever their blueprint is.
    """
    about = request.view_args or {}
    if "user_id" in about or request.blueprint in OF_USERS or is_below("directory.index"):
        return "users"
    if "group_id" in about:
        return "groups"
    if is_below("settings.index"):
        return "settings"
    return "account" if is_below("account.show") else request.blueprint or ""


def is_below(endpoint: str) -> bool:
    """Return whether the page is that of `endpoint`, or has an address below it."""
    return f"{request.script_root}{request.path}/".startswith(f"{url_for(endpoint)}/")
