"""The sections and descriptions of permissions that pages show."""

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
    Section(
        _("Work and settings"), (_P.JOBS_READ, _P.JOBS_MANAGE, _P.TOKENS_MANAGE, _P.WEBHOOKS_MANAGE, _P.SETTINGS_MANAGE)
    ),
)

PERMISSION_DESCRIPTIONS = {
    _P.USERS_READ: _("Open the list of users and see their roles, groups and audit trail."),
    _P.USERS_CREATE: _("Create accounts one at a time."),
    _P.USERS_EDIT: _("Correct names, e-mail addresses and usernames."),
    _P.USERS_RESET: _("Set passwords, and help people who cannot sign in."),
    _P.USERS_DEACTIVATE: _("Stop people from signing in and let them in again. Nothing is deleted."),
    _P.USERS_DELETE: _("Move people to the bin and restore them."),
    _P.USERS_PURGE: _("Erase all data of deleted users. You cannot undo this."),
    _P.USERS_EXPORT: _("Download lists of people as files."),
    _P.IMPORTS_RUN: _("Add and change many people from a file."),
    _P.VIEWS_SHARE: _("Make views available to everyone."),
    _P.GROUPS_MANAGE: _("Create, move and delete groups. Add and remove members."),
    _P.ROLES_GRANT: _("Limited to permissions they have themselves."),
    _P.ROLES_MANAGE: _("Choose the permissions of each role."),
    _P.AUDIT_READ: _("See every change, its time and its author."),
    _P.JOBS_READ: _("See jobs that other people started."),
    _P.JOBS_MANAGE: _("Start, cancel and retry all jobs."),
    _P.TOKENS_MANAGE: _("Create and revoke API tokens."),
    _P.WEBHOOKS_MANAGE: _("Send changes of all people, groups and roles to other systems."),
    _P.SETTINGS_MANAGE: _("Change how Rollcall works for everyone."),
}
