"""Permissions, the powers that a person holds, and the actor of a change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from webapp.core.texts import _


class Permission(StrEnum):
    """All permissions that a role can contain."""

    USERS_READ = "users.read"
    USERS_CREATE = "users.create"
    USERS_EDIT = "users.edit"
    USERS_DEACTIVATE = "users.deactivate"
    USERS_DELETE = "users.delete"
    USERS_PURGE = "users.purge"
    USERS_EXPORT = "users.export"
    USERS_RESET = "users.reset"
    ROLES_GRANT = "roles.grant"
    ROLES_MANAGE = "roles.manage"
    GROUPS_MANAGE = "groups.manage"
    AUDIT_READ = "audit.read"
    TOKENS_MANAGE = "tokens.manage"
    WEBHOOKS_MANAGE = "webhooks.manage"
    IMPORTS_RUN = "imports.run"
    SETTINGS_MANAGE = "settings.manage"
    VIEWS_SHARE = "views.share"
    JOBS_READ = "jobs.read"
    JOBS_MANAGE = "jobs.manage"


PERMISSION_LABELS = {
    Permission.USERS_READ: _("See people"),
    Permission.USERS_CREATE: _("Add people"),
    Permission.USERS_EDIT: _("Change people"),
    Permission.USERS_DEACTIVATE: _("Deactivate and reactivate people"),
    Permission.USERS_DELETE: _("Delete and restore people"),
    Permission.USERS_PURGE: _("Erase people permanently"),
    Permission.USERS_EXPORT: _("Export people"),
    Permission.USERS_RESET: _("Reset sign-in"),
    Permission.ROLES_GRANT: _("Give and remove roles"),
    Permission.ROLES_MANAGE: _("Create and change roles"),
    Permission.GROUPS_MANAGE: _("Manage groups and members"),
    Permission.AUDIT_READ: _("Read the audit trail"),
    Permission.TOKENS_MANAGE: _("Manage API tokens"),
    Permission.WEBHOOKS_MANAGE: _("Manage webhooks"),
    Permission.IMPORTS_RUN: _("Import people"),
    Permission.SETTINGS_MANAGE: _("Change settings"),
    Permission.VIEWS_SHARE: _("Share views"),
    Permission.JOBS_READ: _("See all jobs"),
    Permission.JOBS_MANAGE: _("Run, cancel and retry jobs and schedules"),
}

# The people a permission applies to: the members of these groups, or everyone (None).
Reach = frozenset[UUID] | None

# Permissions about the whole of Rollcall and not about people or groups. A role within a group does not give them.
GLOBAL_PERMISSIONS = frozenset(
    {
        Permission.ROLES_MANAGE,
        Permission.AUDIT_READ,
        Permission.WEBHOOKS_MANAGE,
        Permission.SETTINGS_MANAGE,
        Permission.VIEWS_SHARE,
        Permission.JOBS_READ,
        Permission.JOBS_MANAGE,
    }
)


def permissions_named(names: Collection[str] | None) -> frozenset[Permission] | None:
    """Return the permissions with these names. None means that nothing is limited, and stays None."""
    return None if names is None else frozenset(permission for permission in Permission if permission in names)


def permissions_within(scope_id: UUID | None, permissions: frozenset[Permission]) -> frozenset[Permission]:
    """Return what a role with these permissions gives within a group; everywhere if `scope_id` is None."""
    return permissions if scope_id is None else permissions - GLOBAL_PERMISSIONS


@dataclass(frozen=True)
class Powers:
    """The permissions of one person, everywhere and within groups (by group ID)."""

    everywhere: frozenset[Permission] = frozenset()
    by_scope: Mapping[UUID, frozenset[Permission]] = field(default_factory=dict)

    def can(self, permission: Permission) -> bool:
        """Whether they have the permission everywhere or within at least one group."""
        return permission in self.everywhere or any(permission in held for held in self.by_scope.values())

    def reach(self, permission: Permission) -> Reach:
        """Return the groups within which they have the permission, or None if they have it everywhere."""
        if permission in self.everywhere:
            return None
        return frozenset(group_id for group_id, held in self.by_scope.items() if permission in held)

    def limited_to(self, permissions: frozenset[Permission] | None) -> Powers:
        """Return these powers without all other permissions. None limits nothing."""
        if permissions is None:
            return self
        by_scope = {group_id: held & permissions for group_id, held in self.by_scope.items()}
        return Powers(self.everywhere & permissions, by_scope)


ALL_POWERS = Powers(everywhere=frozenset(Permission))


class ActorKind(StrEnum):
    USER = "user"
    TOKEN = "token"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """The user, token, command or system job that makes a change, as the audit record stores it.

    `id` is the ID of a user, `token_id` that of the API token of the request, `label` a name for people.
    """

    kind: ActorKind
    label: str
    id: UUID | None = None
    token_id: UUID | None = None
    address: str = ""
    request_id: str = ""
    # The reason that a person entered.
    reason: str = ""
    # The permissions that the API token is limited to. None: it has all permissions of its owner.
    scopes: frozenset[Permission] | None = None
