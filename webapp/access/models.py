"""Roles, groups, memberships and grants. Ended rows stay, so that a review can show the access of any past day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.permissions import Permission
from webapp.core.text import caseless_key
from webapp.core.texts import _, in_all_languages
from webapp.db.session import Model
from webapp.db.types import Instant, key_string

NAME_MAX = 80
DESCRIPTION_MAX = 500
LABEL_MAX = 254
# Later than each start and each end of a period.
FOREVER = datetime.max.replace(tzinfo=UTC)
# Levels of groups. A group without a parent has depth 1.
DEPTH_MAX = 8


@dataclass(frozen=True)
class BuiltIn:
    """A role that every installation has. Its permissions are in the code, so that a new version can add some."""

    name: str
    label: str
    description: str
    permissions: frozenset[Permission]


def _built_in_id(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8000-{number:012}")


OWNER, ADMINISTRATOR, HELPDESK, AUDITOR, GROUP_OWNER = map(_built_in_id, range(1, 6))
_P = Permission
# `name` is the name in the database; `label` is translated.
BUILT_IN: dict[UUID, BuiltIn] = {
    OWNER: BuiltIn("Owner", _("Owner"), _("Can do everything. There is always at least one owner."), frozenset(_P)),
    ADMINISTRATOR: BuiltIn(
        "Administrator",
        _("Administrator"),
        _("Manages users and groups. Cannot change roles or settings, or erase data permanently."),
        frozenset(_P) - {_P.ROLES_MANAGE, _P.SETTINGS_MANAGE, _P.WEBHOOKS_MANAGE, _P.USERS_PURGE},
    ),
    HELPDESK: BuiltIn(
        "Helpdesk",
        _("Helpdesk"),
        _("Finds users, corrects their details and resets their sign-in."),
        frozenset({_P.USERS_READ, _P.USERS_EDIT, _P.USERS_DEACTIVATE, _P.USERS_RESET}),
    ),
    AUDITOR: BuiltIn(
        "Auditor",
        _("Auditor"),
        _("Can see everything and change nothing."),
        frozenset({_P.USERS_READ, _P.AUDIT_READ, _P.JOBS_READ, _P.USERS_EXPORT}),
    ),
    GROUP_OWNER: BuiltIn(
        "Group owner",
        _("Group owner"),
        _("Manages the members and description of one group."),
        frozenset({_P.USERS_READ, _P.GROUPS_MANAGE}),
    ),
}


ROLE_LABELS = {role.name: role.label for role in BUILT_IN.values()}


def built_in_role(label_key: str) -> UUID | None:
    """Return the built-in role with this label in any language, as `caseless_key` gives it."""
    return _role_ids().get(label_key)


@lru_cache
def _role_ids() -> dict[str, UUID]:
    return {caseless_key(label): role_id for role_id, role in BUILT_IN.items() for label in in_all_languages(role.name)}


def role_label(name: str) -> str:
    """Return the name for display: translated for a built-in role."""
    return ROLE_LABELS.get(name, name)


class Role(Model):
    """A named set of permissions. A deleted role allows nothing until it is restored."""

    __tablename__ = "roles"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    # NULL while the role is deleted, so that another role can take the name.
    name_key: Mapped[str | None] = mapped_column(key_string(NAME_MAX * 2), unique=True)
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
    def shown_description(self) -> str:
        """The description for display: translated for a built-in role."""
        return BUILT_IN[self.id].description if self.built_in else self.description

    @property
    def allows(self) -> frozenset[Permission]:
        return role_permissions(self.id, self.permissions)


def role_permissions(role_id: UUID, permissions: list[str]) -> frozenset[Permission]:
    """Return what a role allows. Ignore permissions that this version does not know."""
    if role_id in BUILT_IN:
        return BUILT_IN[role_id].permissions
    return frozenset(permission for permission in Permission if permission in permissions)


class Group(Model):
    """Members of a group are also members of every group above it (see `group_tree`)."""

    __tablename__ = "groups"
    __table_args__ = (Index(None, "name_sort", "id"), Index(None, "parent_id", "name_sort", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    name_key: Mapped[str | None] = mapped_column(key_string(NAME_MAX * 2), unique=True)
    name_sort: Mapped[str] = mapped_column(key_string(NAME_MAX * 2))
    description: Mapped[str] = mapped_column(Text, default="")
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Membership(Model):
    """A person is in a group for a period. `live_key` is set until it is ended, so there is only one at a time."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (erased_user_id IS NULL)", name="one_holder"),
        Index(None, "user_id", "group_id"),
        Index(None, "group_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    # NULL after the person was erased, when `erased_user_id` has their ID. Only access reviews read these rows.
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), nullable=True)
    erased_user_id: Mapped[UUID | None]
    live_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    starts_at: Mapped[datetime] = mapped_column(Instant, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    created_by: Mapped[str] = mapped_column(String(LABEL_MAX))

    group: Mapped[Group] = relationship()


class RoleGrant(Model):
    """A person or a group holds a role for a period: everywhere, or over the members of the group `scope_id`.

    `live_key` is set until the grant is ended, so a holder has each role once in each scope.
    """

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint(
            "(user_id IS NULL AND erased_user_id IS NULL) <> (group_id IS NULL) AND"
            " (user_id IS NULL OR erased_user_id IS NULL)",
            name="one_holder",
        ),
        Index(None, "role_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("roles.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    # The ID of the person after they were erased. Only access reviews read these rows.
    erased_user_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    # NULL: everywhere.
    scope_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    live_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    starts_at: Mapped[datetime] = mapped_column(Instant, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    created_by: Mapped[str] = mapped_column(String(LABEL_MAX))

    role: Mapped[Role] = relationship()
    group: Mapped[Group | None] = relationship(foreign_keys=[group_id])
    scope: Mapped[Group | None] = relationship(foreign_keys=[scope_id])


def active_at(model: type[Membership | RoleGrant], moment: Any) -> ColumnElement[bool]:
    """Return the condition that the row's period includes `moment`."""
    return in_period(model, starts_by=moment, ends_after=moment)


def not_over_at(model: type[Membership | RoleGrant], moment: Any) -> ColumnElement[bool]:
    """Return the condition that the row's period includes `moment` or starts later."""
    return in_period(model, starts_by=FOREVER, ends_after=moment)


def in_period(model: type[Membership | RoleGrant], *, starts_by: Any, ends_after: Any) -> ColumnElement[bool]:
    """Return the condition that the row has started by one moment and does not end before or at the other.

    A row that was ended before its start has an empty period, and never counts.
    """
    lasts = and_(model.ends_at > ends_after, model.ends_at > model.starts_at)
    return and_(model.starts_at <= starts_by, or_(model.ends_at.is_(None), lasts))
