"""Taking a review away: the rows of its file, and the record that somebody did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select

from webapp.access.models import RoleGrant
from webapp.audit.models import Action
from webapp.audit.services import Changes, record
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.reviews.queries import grants_at, grants_between, people_at
from webapp.users.models import User

CHUNK = 1000
Row = TypeVar("Row", RoleGrant, User)
NOTHING = UUID(int=0)


@dataclass(frozen=True)
class Line:
    """One person and one role; `change` is "gained", "lost" or nothing."""

    person: User
    grant: RoleGrant
    change: str = ""


@transaction()
def note_export(*, by: Actor, on: datetime, since: datetime | None) -> None:
    """Records who took a review away, before the first line of it is sent."""
    days: Changes = {"on": (None, on.date().isoformat()), "since": (None, since.date().isoformat() if since else None)}
    record(Action.REVIEW_EXPORTED, subject=_Review(), by=by, kind="review", changes=days)


class _Review:
    id = NOTHING


def lines(on: datetime, *, since: datetime | None, role_id: UUID | None) -> Iterator[Line]:
    """Person by person what they held at `on`, or what differs from `since`; in constant memory."""
    if since is None:
        for grant in _chunks(grants_at(on, role_id=role_id), RoleGrant):
            yield from (Line(person, grant) for person in _chunks(people_at(grant, on), User))
        return
    for grant in _chunks(grants_between(since, on, role_id=role_id), RoleGrant):
        gained, lost = people_at(grant, on, but_not_at=since), people_at(grant, since, but_not_at=on)
        yield from (Line(person, grant, "gained") for person in _chunks(gained, User))
        yield from (Line(person, grant, "lost") for person in _chunks(lost, User))


def _chunks(query: Select[Row], model: type[Row]) -> Iterator[Row]:
    last = NOTHING
    while rows := list(db.session.scalars(query.where(model.id > last).order_by(model.id).limit(CHUNK))):
        yield from rows
        last = rows[-1].id
