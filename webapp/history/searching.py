"""What a request asks the trail for: whom the words mean, and which moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select

from webapp.audit.models import AuditRecord
from webapp.audit.queries import latest_records_of, listed_records
from webapp.core.errors import NotFound, Refused
from webapp.core.formats import viewer_timezone
from webapp.core.texts import _
from webapp.directory.listing import first_users
from webapp.history.schemas import HistoryQuery, is_day
from webapp.users.models import ListedUser
from webapp.users.queries import get_user_by_identifier

# Of the people whom words may mean.
OFFERED = 8


@dataclass(frozen=True)
class Who:
    """Whom words mean, and the words that mean nobody else; without `id` nobody for sure: `offered` may be meant."""

    words: str
    id: UUID | None = None
    name: str = ""
    offered: list[ListedUser] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `records` is None while it is not clear whom it means."""

    records: Select[AuditRecord] | None
    actor: Who | None
    subject: Who | None
    since: datetime | None
    until: datetime | None


def asked_for(query: HistoryQuery) -> Asked:
    """Raises Refused for moments that no calendar has."""
    actor, subject = (_who(words) if words else None for words in (query.actor, query.subject))
    since, until = _moment("since", query.since), _moment("until", query.until, whole_day=True)
    unclear = any(who is not None and who.id is None for who in (actor, subject))
    records = listed_records(
        actor_id=actor.id if actor else None,
        subject_id=subject.id if subject else None,
        action=query.action,
        field=query.field,
        since=since,
        until=until,
    )
    return Asked(None if unclear else records, actor, subject, since, until)


def _who(words: str) -> Who:
    try:
        user = get_user_by_identifier(words)
    except NotFound:
        return _something(words) or _someone(words)
    return Who(user.email, user.id, user.name)


def _something(words: str) -> Who | None:
    """By its id, anything that has a trail: a job, a group, a person who is gone."""
    try:
        thing_id = UUID(words.strip())
    except ValueError:
        return None
    latest = latest_records_of(thing_id, 1)
    return Who(words, thing_id, latest[0].subject_label if latest else "")


def _someone(words: str) -> Who:
    """By part of a name, if only one has it."""
    found = first_users(words, OFFERED)
    if len(found) == 1:
        return Who(found[0].email, found[0].id, found[0].name)
    return Who(words, offered=found)


def _moment(name: str, text: str, *, whole_day: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=viewer_timezone())
        if whole_day and is_day(text):
            moment += timedelta(days=1)
        return moment.astimezone(UTC)
    except OverflowError:
        raise Refused(_("The part “%(name)s” of this address is not right.", name=name), field=name) from None
