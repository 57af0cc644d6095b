"""The roles and groups of people, as lists show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, literal, select, union_all

from webapp.access.models import Group, Membership, Role, RoleGrant, active_at
from webapp.core.clock import now
from webapp.db.operators import in_ids
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.types import Instant


@dataclass(frozen=True)
class AccessSummary:
    """The names of the roles and groups that a person has themselves, sorted."""

    roles: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def _names() -> Any:
    moment: ColumnElement[Any] = bindparam("moment", type_=Instant())
    roles = (
        select(RoleGrant.user_id, literal("role").label("kind"), Role.name)
        .join(Role, Role.id == RoleGrant.role_id)
        .where(in_ids(RoleGrant.user_id, "user_ids"), Role.deleted_at.is_(None), active_at(RoleGrant, moment))
    )
    groups = (
        select(Membership.user_id, literal("group"), Group.name)
        .join(Group, Group.id == Membership.group_id)
        .where(in_ids(Membership.user_id, "user_ids"), Group.deleted_at.is_(None), active_at(Membership, moment))
    )
    return union_all(roles, groups).execution_options(**{PREPARED: ("user_ids", "moment")})


_NAMES = _names()


def access_summaries(user_ids: Collection[UUID]) -> dict[UUID, AccessSummary]:
    """Return a summary for each of these people. One statement."""
    summaries = {user_id: AccessSummary() for user_id in user_ids}
    if not summaries:
        return summaries
    rows: Any = db.session.execute(_NAMES, {"user_ids": user_ids, "moment": now()})
    for user_id, kind, name in rows:
        names = summaries[user_id].roles if kind == "role" else summaries[user_id].groups
        if name not in names:
            names.append(name)
    for summary in summaries.values():
        summary.roles.sort()
        summary.groups.sort()
    return summaries


def first_role_name(user_id: Any) -> Any:
    """Return a scalar subquery: the name of the person's first own role by name, or NULL."""
    query = (
        select(func.min(Role.name))
        .join(RoleGrant, RoleGrant.role_id == Role.id)
        .where(RoleGrant.user_id == user_id, Role.deleted_at.is_(None), active_at(RoleGrant, now()))
    )
    return query.scalar_subquery()
