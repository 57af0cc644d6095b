"""Queries for bulk changes and their people, and for the grants and memberships that a bulk change ends."""

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
from webapp.jobs.models import JobFilePerson
from webapp.lists.order import Order
from webapp.users.models import User

NEWEST_FIRST = Order("-id", BulkChange.id, BulkChange.id, descending=True)
BY_NUMBER = Order("number", BulkItem.number, BulkItem.user_id, descending=False)


def list_changes(*, requested_by_id: UUID | None = None) -> Select[BulkChange]:
    """Return all bulk changes, or those that one person started."""
    query = select(BulkChange).options(joinedload(BulkChange.requested_by).load_only(User.name))
    return query if requested_by_id is None else query.where(BulkChange.requested_by_id == requested_by_id)


def get_change(bulk_id: UUID, *, requested_by_id: UUID | None = None) -> BulkChange:
    """Raise NotFound if there is none, or if `requested_by_id` did not start it."""
    query = list_changes(requested_by_id=requested_by_id).where(BulkChange.id == bulk_id)
    bulk = db.session.scalars(query).first()
    if bulk is None:
        raise change_not_found()
    return bulk


def lock_change(bulk_id: UUID) -> BulkChange | None:
    return db.session.get(BulkChange, bulk_id, with_for_update=True, populate_existing=True)


def get_job_id(bulk_id: UUID) -> UUID:
    """Return the job that continues a bulk change. Raise NotFound if there is none."""
    job_id = db.session.scalar(select(BulkChange.job_id).where(BulkChange.id == bulk_id))
    if job_id is None:
        raise change_not_found()
    return job_id


def change_not_found() -> NotFound:
    return NotFound(_("This bulk change does not exist. Changes that are not applied are removed after 7 days."))


def list_items(bulk_id: UUID, *, outcomes: Collection[str] = (), reach: Reach = None) -> Select[BulkItem]:
    """Return the people of a bulk change within `reach`, with their results."""
    user = joinedload(BulkItem.user, innerjoin=True).options(load_only(User.name, User.email, User.status))
    query = select(BulkItem).options(user).where(BulkItem.bulk_id == bulk_id)
    # Erased people are in no list.
    query = query.where(select(User.id).where(User.id == BulkItem.user_id).exists())
    if outcomes:
        query = query.where(BulkItem.outcome.in_(outcomes))
    return query if reach is None else query.where(BulkItem.user_id.in_(member_ids_in(reach)))


def selected_ids(bulk_id: UUID, *, reach: Reach) -> list[UUID]:
    """Return the people of a bulk change within `reach`, by name."""
    query = select(BulkItem.user_id).where(BulkItem.bulk_id == bulk_id).order_by(BulkItem.number)
    return list(db.session.scalars(query if reach is None else query.where(BulkItem.user_id.in_(member_ids_in(reach)))))


def people_with_ids(ids: Collection[UUID], *, reach: Reach) -> Select[Any]:
    """Return the people with these ids within `reach`, also those in the bin."""
    query = select(User).where(User.id.in_(ids))
    return query if reach is None else query.where(User.id.in_(member_ids_in(reach)))


def items_to_preview(bulk: BulkChange, limit: int) -> list[Row[Any]]:
    """Return the next people that are not in the preview yet."""
    return _items(bulk, BulkItem.number > bulk.planned_upto, BulkItem.number, limit)


def items_to_apply(bulk: BulkChange, limit: int) -> list[Row[Any]]:
    return _items(bulk, BulkItem.outcome == Outcome.CHANGE, BulkItem.number, limit)


def items_to_undo(bulk: BulkChange, limit: int) -> list[Row[Any]]:
    """Return the people who were changed, the last one first."""
    return _items(bulk, BulkItem.outcome == Outcome.DONE, BulkItem.number.desc(), limit)


def _items(bulk: BulkChange, condition: ColumnElement[bool], order_by: Any, limit: int) -> list[Row[Any]]:
    columns = (BulkItem.number, BulkItem.user_id, BulkItem.changes, BulkItem.record_ids)
    query = select(*columns).where(BulkItem.bulk_id == bulk.id, condition).order_by(order_by).limit(limit)
    return list(db.session.execute(query))


def has_person_outside(job_id: UUID, reach: Reach, *, with_row: bool = False) -> bool:
    """Return whether a person in the file of this job is outside `reach`. `with_row`: not only named in a row."""
    if reach is None:
        return False
    query = select(JobFilePerson.user_id).where(
        JobFilePerson.job_id == job_id, JobFilePerson.user_id.not_in(member_ids_in(reach))
    )
    if with_row:
        query = query.where(JobFilePerson.has_row)
    return db.session.scalars(query.limit(1)).first() is not None


def people_after(bulk_id: UUID, number: int, limit: int, *, reaches: Iterable[Reach]) -> list[tuple[int, User]]:
    """Return the next people of a bulk change with their item numbers, within all of `reaches`."""
    query = select(BulkItem.number, User).join(User, User.id == BulkItem.user_id)
    query = query.where(BulkItem.bulk_id == bulk_id, BulkItem.number > number)
    for reach in reaches:
        if reach is not None:
            query = query.where(User.id.in_(member_ids_in(reach)))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(BulkItem.number).limit(limit))]


def live_grant_ids(role_id: UUID, user_id: UUID) -> list[UUID]:
    """Return the present and future grants of this role to this person. Grants to their groups are not included."""
    query = select(RoleGrant.id).where(
        RoleGrant.role_id == role_id, RoleGrant.user_id == user_id, _has_not_ended(RoleGrant)
    )
    return list(db.session.scalars(query.order_by(RoleGrant.id)))


def live_membership_ids(group_id: UUID, user_id: UUID) -> list[UUID]:
    """Return the present and future direct memberships of this person in this group."""
    conditions = (Membership.group_id == group_id, Membership.user_id == user_id, _has_not_ended(Membership))
    return list(db.session.scalars(select(Membership.id).where(*conditions).order_by(Membership.id)))


def _has_not_ended(model: type[Membership | RoleGrant]) -> ColumnElement[bool]:
    return model.live_key.is_not(None) & or_(model.ends_at.is_(None), model.ends_at > now())
