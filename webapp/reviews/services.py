"""The export of an access review: its lines, and its audit record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select

from webapp.access.models import RoleGrant
from webapp.audit.actions import Action
from webapp.audit.services import Changes, SubjectId, record
from webapp.core.erasure import pseudonym_of
from webapp.core.formats import to_viewer_timezone
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.reviews.grants import erased_holder_ids, select_grants_at, select_grants_between, select_holders
from webapp.users.models import User

BATCH_SIZE = 1000
Row = TypeVar("Row", RoleGrant, User)
NIL = UUID(int=0)


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class ErasedPerson:
    id: UUID
    email = ""

    @property
    def name(self) -> str:
        return pseudonym_of(self.id)


@dataclass(frozen=True)
class ReviewLine:
    """One person and one role. `change` is None unless the review compares two days."""

    person: User | ErasedPerson
    grant: RoleGrant
    change: Change | None = None


@transaction()
def record_export(*, by: Actor, on: datetime, since: datetime | None) -> None:
    """Record the days in the time zone of the viewer, who chose them."""
    days: Changes = {"on": (None, _day(on)), "since": (None, _day(since) if since else None)}
    record(Action.REVIEW_EXPORTED, subject=SubjectId(NIL), by=by, kind="review", changes=days)


def review_lines(on: datetime, *, since: datetime | None, role_id: UUID | None) -> Iterator[ReviewLine]:
    """Yield each person with each role at `on`, or only what differs from `since`. Uses constant memory."""
    if since is None:
        for grant in _batches(select_grants_at(on, role_id=role_id), RoleGrant):
            yield from (ReviewLine(person, grant) for person in _batches(select_holders(grant, on), User))
            yield from _erased_lines(grant, erased_holder_ids(grant, on))
        return
    for grant in _batches(select_grants_between(since, on, role_id=role_id), RoleGrant):
        added, removed = select_holders(grant, on, except_at=since), select_holders(grant, since, except_at=on)
        yield from (ReviewLine(person, grant, Change.ADDED) for person in _batches(added, User))
        yield from (ReviewLine(person, grant, Change.REMOVED) for person in _batches(removed, User))
        erased, erased_before = erased_holder_ids(grant, on), erased_holder_ids(grant, since)
        yield from _erased_lines(grant, erased - erased_before, Change.ADDED)
        yield from _erased_lines(grant, erased_before - erased, Change.REMOVED)


def _day(moment: datetime) -> str:
    return to_viewer_timezone(moment).date().isoformat()


def _erased_lines(grant: RoleGrant, ids: set[UUID], change: Change | None = None) -> Iterator[ReviewLine]:
    return (ReviewLine(ErasedPerson(user_id), grant, change) for user_id in sorted(ids))


def _batches(query: Select[Row], model: type[Row]) -> Iterator[Row]:
    """Yield the rows by ID, read in batches."""
    last = NIL
    while rows := list(db.session.scalars(query.where(model.id > last).order_by(model.id).limit(BATCH_SIZE))):
        yield from rows
        last = rows[-1].id
