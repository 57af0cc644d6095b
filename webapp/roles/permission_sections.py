"""The permissions in sections, each with a description, as pages show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from webapp.core.permissions import Permission
from webapp.core.texts import _

_P = Permission


@dataclass(frozen=True)
class Section:
    """Permissions about one subject."""

    label: str
    permissions: tuple[Permission, ...]

    def only(self, allowed: Collection[Permission]) -> list[Permission]:
        return [permission for permission in self.permissions if permission in allowed]


SECTIONS = (
    Section(
        _("People"),
        (
            _P.USERS_READ,
            _P.USERS_CREATE,
            _P.USERS_EDIT,
            _P.USERS_RESET,
            _P.USERS_DEACTIVATE,
            _P.USERS_DELETE,
            _P.USERS_PURGE,
            _P.USERS_EXPORT,
            _P.IMPORTS_RUN,
            _P.VIEWS_SHARE,
        ),
    ),
    Section(_("Groups and roles"), (_P.GROUPS_MANAGE, _P.ROLES_GRANT, _P.ROLES_MANAGE)),
    Section(_("Audit trail"), (_P.AUDIT_READ,)),
    Section(_("Work and settings"), (_P.JOBS_READ, _P.JOBS_MANAGE, _P.TOKENS_MANAGE, _P.SETTINGS_MANAGE)),
)

PERMISSION_DESCRIPTIONS = {
    _P.USERS_READ: _("Opens the list and every page about a person: their roles, groups and activity."),
    _P.USERS_CREATE: _("Makes new accounts, one at a time."),
    _P.USERS_EDIT: _("Corrects names, e-mail addresses and usernames."),
    _P.USERS_RESET: _("Lets somebody in again who cannot sign in."),
    _P.USERS_DEACTIVATE: _("Keeps people out, and lets them in again. Nothing is deleted."),
    _P.USERS_DELETE: _("Takes people out of the list. They can be taken out of the bin again."),
    _P.USERS_PURGE: _("Removes people and what belongs to them. This cannot be undone."),
    _P.USERS_EXPORT: _("Takes lists of people away as files."),
    _P.IMPORTS_RUN: _("Adds and changes many people at once, out of a file."),
    _P.VIEWS_SHARE: _("Gives everybody a saved view of the list; each sees in it whom they may see."),
    _P.GROUPS_MANAGE: _("Makes, moves and deletes groups; takes people in and out."),
    _P.ROLES_GRANT: _("Nobody can give more than they hold themselves."),
    _P.ROLES_MANAGE: _("Decides what a role allows, for everybody who has it."),
    _P.AUDIT_READ: _("Shows every change: what, when and by whom."),
    _P.JOBS_READ: _("Shows work that others started, and how far it is."),
    _P.JOBS_MANAGE: _("Starts, cancels and repeats work, also that of others."),
    _P.TOKENS_MANAGE: _("Makes and ends the tokens by which programs use the API."),
    _P.SETTINGS_MANAGE: _("Changes how this Rollcall works for everybody."),
}
