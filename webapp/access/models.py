"""Roles, groups, memberships and grants. What ended stays as a row, so that any past day can be asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.db.session import Model
from webapp.db.types import Instant, Key

NAME_MAX = 80
DESCRIPTION_MAX = 500
LABEL_MAX = 254
# Groups within groups; a group at the top has depth 1.
DEPTH_MAX = 8


@dataclass(frozen=True)
class BuiltIn:
    """A role that every Rollcall has. What it allows stands in code, so a new version can add to it."""

    name: str
    label: str
    description: str
    permissions: frozenset[Permission]


def _built_in_id(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8000-{number:012}")


OWNER, ADMINISTRATOR, HELPDESK, AUDITOR, GROUP_OWNER = map(_built_in_id, range(1, 6))
_P = Permission
# The names that the database holds are the English ones.
BUILT_IN: dict[UUID, BuiltIn] = {
    OWNER: BuiltIn("Owner", _("Owner"), _("May do everything. There is always at least one."), frozenset(_P)),
    ADMINISTRATOR: BuiltIn(
        "Administrator",
        _("Administrator"),
        _("Runs the directory from day to day; cannot change roles or settings, nor erase anybody for good."),
        frozenset(_P) - {_P.ROLES_MANAGE, _P.SETTINGS_MANAGE, _P.USERS_PURGE},
    ),
    HELPDESK: BuiltIn(
        "Helpdesk",
        _("Helpdesk"),
        _("Helps people in: finds them, corrects them, resets their sign-in."),
        frozenset({_P.USERS_READ, _P.USERS_EDIT, _P.USERS_DEACTIVATE, _P.USERS_RESET}),
    ),
    AUDITOR: BuiltIn(
        "Auditor",
        _("Auditor"),
        _("Sees everything and changes nothing."),
        frozenset({_P.USERS_READ, _P.AUDIT_READ, _P.JOBS_READ, _P.USERS_EXPORT}),
    ),
    GROUP_OWNER: BuiltIn(
        "Group owner",
        _("Group owner"),
        _("Looks after one group: who is in it, and its description."),
        frozenset({_P.USERS_READ, _P.GROUPS_MANAGE}),
    ),
}


ROLE_LABELS = {role.name: role.label for role in BUILT_IN.values()}


def role_label(name: str) -> str:
    """What people call this role: built-in ones in their own language."""
    return ROLE_LABELS.get(name, name)


class Role(Model):
    """A named set of permissions: built in, or made here. A deleted one allows nothing, and can come back."""

    __tablename__ = "roles"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    # None while deleted, so that the name is free.
    name_key: Mapped[str | None] = mapped_column(Key(NAME_MAX * 2), unique=True)
    description: Mapped[str] = mapped_column(String(DESCRIPTION_MAX), default="")
    permissions: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def built_in(self) -> bool:
        return self.id in BUILT_IN

    @property
    def allows(self) -> frozenset[Permission]:
        return allowed_by(self.id, self.permissions)


def allowed_by(role_id: UUID, permissions: list[str]) -> frozenset[Permission]:
    """What a role allows; names that this version does not know allow nothing."""
    if role_id in BUILT_IN:
        return BUILT_IN[role_id].permissions
    return frozenset(permission for permission in Permission if permission in permissions)


class Group(Model):
    """People who belong together; members of a group are members of the groups around it."""

    __tablename__ = "groups"
    __table_args__ = (Index(None, "name_sort", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    name_key: Mapped[str | None] = mapped_column(Key(NAME_MAX * 2), unique=True)
    name_sort: Mapped[str] = mapped_column(Key(NAME_MAX * 2))
    description: Mapped[str] = mapped_column(Text, default="")
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Membership(Model):
    """Who is in a group, from when until when. `live_key` is there until it was ended: one at a time."""

    __tablename__ = "memberships"
    __table_args__ = (Index(None, "user_id", "group_id"), Index(None, "group_id", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    live_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    starts_at: Mapped[datetime] = mapped_column(Instant, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    created_by: Mapped[str] = mapped_column(String(LABEL_MAX))

    group: Mapped[Group] = relationship()


class RoleGrant(Model):
    """A role that a person or a group was given, everywhere or within a group, from when until when."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (group_id IS NULL)", name="one_holder"),
        Index(None, "role_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("roles.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    # Within this group; everywhere when there is none.
    scope_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    live_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    starts_at: Mapped[datetime] = mapped_column(Instant, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    created_by: Mapped[str] = mapped_column(String(LABEL_MAX))

    role: Mapped[Role] = relationship()
    group: Mapped[Group | None] = relationship(foreign_keys=[group_id])
    scope: Mapped[Group | None] = relationship(foreign_keys=[scope_id])
