"""The roles and groups of people, as lists show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, func, literal, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from webapp.access.group_tree import groups_of_users
from webapp.access.models import Group, Membership, Role, RoleGrant, active_at, role_label
from webapp.core.clock import now
from webapp.db.operators import in_ids
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.types import Instant


class HeldRole(NamedTuple):
    """A role that a person holds now.

    `scope` is the name of the group within which they hold it, or "" for everywhere. `through` has the names of their
    groups that hold it, if they do not hold it themselves.
    """

    name: str
    scope: str = ""
    through: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The role and the group within which it holds: “Helpdesk · North branch”."""
        label = str(role_label(self.name))
        return f"{label} · {self.scope}" if self.scope else label


@dataclass(frozen=True)
class AccessSummary:
    """The roles that a person holds, also through groups, and the groups that they are in themselves. Both sorted."""

    roles: list[HeldRole] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    @property
    def role_labels(self) -> list[str]:
        """The roles for display. One within a group says so."""
        return [role.label for role in self.roles]

    @property
    def roles_everywhere(self) -> list[str]:
        """The names of the roles that the person holds everywhere."""
        return [role.name for role in self.roles if not role.scope]


def _names() -> Any:
    moment: ColumnElement[Any] = bindparam("moment", type_=Instant())
    of_groups = groups_of_users(in_ids(Membership.user_id, "user_ids"), moment)
    own = _roles(RoleGrant.user_id, moment, literal(None)).where(in_ids(RoleGrant.user_id, "user_ids"))
    inherited = (
        _roles(of_groups.c.user_id, moment, _HOLDER.name)
        .join(of_groups, of_groups.c.group_id == RoleGrant.group_id)
        .join(_HOLDER, _HOLDER.id == RoleGrant.group_id)
    )
    groups = (
        select(Membership.user_id, literal("group"), Group.name, literal(None), literal(None))
        .join(Group, Group.id == Membership.group_id)
        .where(in_ids(Membership.user_id, "user_ids"), Group.deleted_at.is_(None), active_at(Membership, moment))
    )
    return union_all(own, inherited, groups).execution_options(**{PREPARED: ("user_ids", "moment")})


def _roles(user_id: Any, moment: Any, through: Any) -> Any:
    """Select (user_id, kind, name, scope, through) of the grants that count at `moment`."""
    return (
        # The type of a foreign key is known only when the table of users is.
        select(
            type_coerce(user_id, Uuid()).label("user_id"),
            literal("role").label("kind"),
            Role.name,
            _SCOPE.name.label("scope"),
            through.label("through"),
        )
        .select_from(RoleGrant)
        .join(Role, Role.id == RoleGrant.role_id)
        .outerjoin(_SCOPE, _SCOPE.id == RoleGrant.scope_id)
        .where(Role.deleted_at.is_(None), _SCOPE.deleted_at.is_(None), active_at(RoleGrant, moment))
    )


_SCOPE, _HOLDER = aliased(Group), aliased(Group)


_NAMES = _names()


def access_summaries(user_ids: Collection[UUID]) -> dict[UUID, AccessSummary]:
    """Return a summary for each of these people. One statement."""
    summaries = {user_id: AccessSummary() for user_id in user_ids}
    if not summaries:
        return summaries
    rows: Any = db.session.execute(_NAMES, {"user_ids": user_ids, "moment": now()})
    # Person → role and scope → the groups that hold it, and None for the person.
    holders: dict[UUID, dict[tuple[str, str], set[str | None]]] = {}
    for user_id, kind, name, scope, through in rows:
        if kind == "role":
            holders.setdefault(user_id, {}).setdefault((name, scope or ""), set()).add(through)
        elif name not in summaries[user_id].groups:
            summaries[user_id].groups.append(name)
    for user_id, roles in holders.items():
        held = (HeldRole(*role, _sorted_groups(groups)) for role, groups in roles.items())
        summaries[user_id].roles.extend(sorted(held))
    for summary in summaries.values():
        summary.groups.sort()
    return summaries


def _sorted_groups(holders: set[str | None]) -> tuple[str, ...]:
    """Return the names of the groups, or nothing if the person is among the holders."""
    return () if None in holders else tuple(sorted(name for name in holders if name))


def first_role_name(user_id: Any) -> Any:
    """Return a scalar subquery: the name of the person's first own role by name, or NULL."""
    query = (
        select(func.min(Role.name))
        .join(RoleGrant, RoleGrant.role_id == Role.id)
        .where(RoleGrant.user_id == user_id, Role.deleted_at.is_(None), active_at(RoleGrant, now()))
    )
    return query.scalar_subquery()
