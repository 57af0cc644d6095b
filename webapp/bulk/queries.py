"""Named reads of bulk changes, of the people in them, and of what these have that a bulk change may end."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import joinedload, load_only

from webapp.access.group_tree import member_ids_in
from webapp.access.models import Membership, RoleGrant
from webapp.bulk.models import BulkChange, BulkItem, Outcome
from webapp.core.clock import now
from webapp.core.errors import NotFound
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.users.models import User

NEWEST_FIRST = Order("-id", BulkChange.id, BulkChange.id, descending=True)
IN_ORDER = Order("number", BulkItem.number, BulkItem.user_id, descending=False)


def listed_changes(*, requested_by_id: UUID | None = None) -> Select[BulkChange]:
    """All bulk changes, or those that one person asked for."""
    query = select(BulkChange).options(joinedload(BulkChange.requested_by).load_only(User.name))
    return query if requested_by_id is None else query.where(BulkChange.requested_by_id == requested_by_id)


def get_change(bulk_id: UUID, *, requested_by_id: UUID | None = None) -> BulkChange:
    """Raises NotFound; also for one that is not `requested_by_id`'s, when one is given."""
    query = listed_changes(requested_by_id=requested_by_id).where(BulkChange.id == bulk_id)
    bulk = db.session.scalars(query).first()
    if bulk is None:
        raise NotFound(_("This bulk change does not exist. Changes that are not applied are removed after 7 days."))
    return bulk


def listed_items(bulk_id: UUID, *, outcomes: Collection[str] = (), reach: Reach = None) -> Select[BulkItem]:
    """The people of a bulk change, of those whom `reach` holds, with what happens to them."""
    shown = joinedload(BulkItem.user, innerjoin=True).options(load_only(User.name, User.email, User.status))
    query = select(BulkItem).options(shown).where(BulkItem.bulk_id == bulk_id)
    # Whoever was erased since is in no list.
    query = query.where(select(User.id).where(User.id == BulkItem.user_id).exists())
    if outcomes:
        query = query.where(BulkItem.outcome.in_(outcomes))
    return query if reach is None else query.where(BulkItem.user_id.in_(member_ids_in(reach)))


def people_with_ids(ids: Collection[UUID], *, reach: Reach) -> Select[Any]:
    """Those of `ids` who are there for whoever asks, in the bin or not."""
    query = select(User).where(User.id.in_(ids))
    return query if reach is None else query.where(User.id.in_(member_ids_in(reach)))


def items_to_plan(bulk: BulkChange, limit: int) -> list[Row[Any]]:
    """The next people of whom the preview does not know yet what would happen to them."""
    return _items(bulk, BulkItem.number > bulk.planned_upto, BulkItem.number, limit)


def items_to_apply(bulk: BulkChange, limit: int) -> list[Row[Any]]:
    return _items(bulk, BulkItem.outcome == Outcome.CHANGE, BulkItem.number, limit)


def items_to_undo(bulk: BulkChange, limit: int) -> list[Row[Any]]:
    """The last ones that were changed come first."""
    return _items(bulk, BulkItem.outcome == Outcome.DONE, BulkItem.number.desc(), limit)


def _items(bulk: BulkChange, condition: ColumnElement[bool], by: Any, limit: int) -> list[Row[Any]]:
    columns = (BulkItem.number, BulkItem.user_id, BulkItem.changes, BulkItem.record_ids)
    query = select(*columns).where(BulkItem.bulk_id == bulk.id, condition).order_by(by).limit(limit)
    return list(db.session.execute(query))


def people_after(bulk_id: UUID, number: int, limit: int, *, reaches: Iterable[Reach]) -> list[tuple[int, User]]:
    """People of a bulk change with their numbers, for a file; those whom all of `reaches` hold."""
    query = select(BulkItem.number, User).join(User, User.id == BulkItem.user_id)
    query = query.where(BulkItem.bulk_id == bulk_id, BulkItem.number > number)
    for reach in reaches:
        if reach is not None:
            query = query.where(User.id.in_(member_ids_in(reach)))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(BulkItem.number).limit(limit))]


def live_grant_ids(role_id: UUID, user_id: UUID) -> list[UUID]:
    """Where somebody holds this role themselves, or will."""
    query = select(RoleGrant.id).where(RoleGrant.role_id == role_id, RoleGrant.user_id == user_id, _lasts(RoleGrant))
    return list(db.session.scalars(query.order_by(RoleGrant.id)))


def live_membership_ids(group_id: UUID, user_id: UUID) -> list[UUID]:
    """By what somebody is in this group themselves, or will be."""
    mine = (Membership.group_id == group_id, Membership.user_id == user_id, _lasts(Membership))
    return list(db.session.scalars(select(Membership.id).where(*mine).order_by(Membership.id)))


def _lasts(model: type[Membership | RoleGrant]) -> ColumnElement[bool]:
    return model.live_key.is_not(None) & or_(model.ends_at.is_(None), model.ends_at > now())
