"""Queries of one person or role at a past moment: today's values, with the audited changes since then reversed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from webapp.access.models import Group, Membership, Role, RoleGrant, active_at, role_permissions
from webapp.attributes.models import Attribute
from webapp.audit.models import AuditRecord
from webapp.audit.queries import records_of
from webapp.core.ids import min_id_at
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.reviews.grants import select_grants_at
from webapp.reviews.group_tree import group_existed, groups_above
from webapp.users.models import User
from webapp.users.saving import audit_values
from webapp.users.values import audit_text

# In the order of the page.
FIELDS = ("name", "email", "username", "status", "locale", "timezone", "starts_at", "ends_at")

Fields = dict[str, Any]


@dataclass(frozen=True)
class PastPerson:
    """A person at a past moment. `fields` is None if the account did not exist then."""

    fields: Fields | None
    grants: list[RoleGrant]
    memberships: list[Membership]


def get_person_at(user: User, moment: datetime, attributes: Collection[Attribute] = ()) -> PastPerson:
    """Return the person at `moment`, with the grants that they had directly or through their groups.

    `attributes`: those that the fields include, after FIELDS.
    """
    if user.created_at > moment:
        return PastPerson(None, [], [])
    current = get_current_fields(user, attributes)
    former = _values_before_changes(user.id, moment)
    memberships = _memberships_at(user.id, moment)
    groups = groups_above({membership.group_id for membership in memberships}, moment)
    query = select_grants_at(moment).where(or_(RoleGrant.user_id == user.id, RoleGrant.group_id.in_(groups)))
    grants = db.session.scalars(query.order_by(RoleGrant.id))
    return PastPerson({name: former.get(name, value) for name, value in current.items()}, list(grants), memberships)


def get_current_fields(user: User, attributes: Collection[Attribute] = ()) -> Fields:
    """Return the values as audit records store them."""
    values = audit_values(user) | {"status": str(user.status)}
    own = {each.field_name: audit_text(user.attributes.get(each.key)) for each in attributes}
    return {name: values[name] for name in FIELDS} | own


def get_permissions_at(role: Role, moment: datetime) -> frozenset[Permission]:
    """Return the permissions of the role at `moment`. Those of built-in roles do not change."""
    if role.built_in:
        return role.allows
    names = _values_before_changes(role.id, moment).get("permissions")
    return role.allows if names is None else role_permissions(role.id, names.split(", "))


def _values_before_changes(subject_id: UUID, moment: datetime) -> Fields:
    """Return the values at `moment` of the fields that were changed after it."""
    later = records_of(subject_id).where(AuditRecord.id >= min_id_at(moment), AuditRecord.at > moment)
    values: Fields = {}
    for record in db.session.scalars(later.order_by(AuditRecord.id.desc())):
        values |= {name: pair[0] for name, pair in (record.changes or {}).items()}
    return values


def _memberships_at(user_id: UUID, moment: datetime) -> list[Membership]:
    query = (
        select(Membership)
        .join(Membership.group)
        .where(Membership.user_id == user_id, active_at(Membership, moment), group_existed(moment))
        .options(joinedload(Membership.group))
        .order_by(Group.name_sort)
    )
    return list(db.session.scalars(query))
