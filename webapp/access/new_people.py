"""Gives many new people their first roles and groups: the twin of `grant_role` and `add_member` for imports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select

from webapp.access.audit_records import added
from webapp.access.checks import lock_owners
from webapp.access.models import LABEL_MAX, Group, Membership, Role, RoleGrant
from webapp.access.periods import live_key
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.db.copying import insert_many
from webapp.db.session import db

_MEMBERSHIP = ("id", "group_id", "user_id", "live_key", "starts_at", "created_by")
_GRANT = ("id", "role_id", "user_id", "scope_id", "live_key", "starts_at", "created_by")


@dataclass(frozen=True)
class NewPerson:
    """A person whose row was just inserted, with the ids of their first groups, and of roles with their scopes."""

    id: UUID
    name: str
    groups: Sequence[UUID] = ()
    roles: Sequence[tuple[UUID, UUID | None]] = ()


def insert_first_access(people: Collection[NewPerson], *, by: Actor) -> None:
    """Insert and record memberships and grants, which start now. The caller has checked that `by` may give them."""
    role_ids = {role_id for person in people for role_id, _scope_id in person.roles}
    scope_ids = {scope_id for person in people for _role_id, scope_id in person.roles if scope_id}
    if role_ids:
        lock_owners()
    groups = _by_id(Group, scope_ids.union(*(person.groups for person in people)))
    roles = _by_id(Role, role_ids)
    memberships = [
        (person, _membership(groups[group_id], person.id, by)) for person in people for group_id in person.groups
    ]
    grants = [
        (person, _grant(roles[role_id], groups[scope_id] if scope_id else None, person.id, by))
        for person in people
        for role_id, scope_id in person.roles
    ]
    _insert(Membership, _MEMBERSHIP, [row for _person, row in memberships])
    _insert(RoleGrant, _GRANT, [row for _person, row in grants])
    for person, membership in memberships:
        record(Action.MEMBER_ADDED, subject=person, by=by, changes=added(membership))
    for person, grant in grants:
        record(Action.ROLE_GRANTED, subject=person, by=by, changes=added(grant))


def _by_id(model: Any, ids: Collection[UUID]) -> dict[UUID, Any]:
    if not ids:
        return {}
    query = select(model).where(model.id.in_(ids), model.deleted_at.is_(None)).order_by(model.id)
    return {row.id: row for row in db.session.scalars(query.with_for_update(read=True))}


def _membership(group: Group, user_id: UUID, by: Actor) -> Membership:
    return Membership(
        id=new_id(),
        group_id=group.id,
        group=group,
        user_id=user_id,
        live_key=live_key("member", group.id, user_id),
        starts_at=now(),
        created_by=by.label[:LABEL_MAX],
    )


def _grant(role: Role, scope: Group | None, user_id: UUID, by: Actor) -> RoleGrant:
    return RoleGrant(
        id=new_id(),
        role_id=role.id,
        role=role,
        scope_id=scope.id if scope else None,
        scope=scope,
        user_id=user_id,
        live_key=live_key("grant", role.id, user_id, scope.id if scope else None),
        starts_at=now(),
        created_by=by.label[:LABEL_MAX],
    )


def _insert(model: type[Membership | RoleGrant], columns: Sequence[str], rows: Sequence[Any]) -> None:
    values = [[getattr(row, name) for name in columns] for row in rows]
    insert_many(db.session.connection(), cast("Table", model.__table__), columns, values)
