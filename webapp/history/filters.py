"""Turns the parameters of the audit page into a query: finds the people and the times that they name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select

from webapp.audit.labels import subject_text
from webapp.audit.models import AuditRecord
from webapp.audit.queries import latest_records_of, list_records
from webapp.core.errors import BadParameters, NotFound, Problem
from webapp.core.formats import viewer_timezone
from webapp.core.moments import day_after, start_of_day, to_utc
from webapp.core.texts import _
from webapp.directory.listing import first_users
from webapp.history.schemas import HistoryQuery, is_day
from webapp.users.models import ListedUser
from webapp.users.queries import get_user_by_identifier

CANDIDATES_MAX = 8


@dataclass(frozen=True)
class PersonFilter:
    """The person or other subject that a text names. `id` is None if that is not clear: see `candidates`."""

    text: str
    id: UUID | None = None
    name: str = ""
    candidates: list[ListedUser] = field(default_factory=list)


@dataclass(frozen=True)
class ParsedQuery:
    """`records` is None while it is not clear which person is meant. `until` is exclusive."""

    records: Select[AuditRecord] | None
    actor: PersonFilter | None
    subject: PersonFilter | None
    since: datetime | None
    until: datetime | None


def parse_query(query: HistoryQuery) -> ParsedQuery:
    """Raise Refused for a time outside of the calendar."""
    actor, subject = (_find_person(text) if text else None for text in (query.actor, query.subject))
    since, until = _time("since", query.since), _time("until", query.until, end_of_day=True)
    unclear = any(person is not None and person.id is None for person in (actor, subject))
    records = list_records(
        actor_id=actor.id if actor else None,
        subject_id=subject.id if subject else None,
        action=query.action,
        field=query.field,
        since=since,
        until=until,
    )
    return ParsedQuery(None if unclear else records, actor, subject, since, until)


def checked_records(query: HistoryQuery) -> Select[AuditRecord]:
    """Raise BadParameters if a text does not name one person, or if the period has no time."""
    parsed, problems = parse_query(query), list[Problem]()
    for name, person in (("actor", parsed.actor), ("subject", parsed.subject)):
        if person is not None and person.id is None:
            problems.append(Problem(name, "unknown", _("Enter an e-mail address, username or ID")))
    if parsed.since and parsed.until and parsed.since >= parsed.until:
        problems.append(Problem("until", "order", _("Enter a later day: this period has no days")))
    if problems or parsed.records is None:
        raise BadParameters(problems)
    return parsed.records


def _find_person(text: str) -> PersonFilter:
    try:
        user = get_user_by_identifier(text)
    except NotFound:
        return _find_subject(text) or _find_by_part_of_name(text)
    return PersonFilter(user.email, user.id, user.name)


def _find_subject(text: str) -> PersonFilter | None:
    """Find any subject of the audit trail by its ID: a job, a group, an erased person."""
    try:
        subject_id = UUID(text.strip())
    except ValueError:
        return None
    names = [subject_text(each.subject_kind, each.subject_label) for each in latest_records_of(subject_id, 1)]
    return PersonFilter(text, subject_id, "".join(names))


def _find_by_part_of_name(text: str) -> PersonFilter:
    found = first_users(text, CANDIDATES_MAX)
    if len(found) == 1:
        return PersonFilter(found[0].email, found[0].id, found[0].name)
    return PersonFilter(text, candidates=found)


def _time(name: str, text: str, *, end_of_day: bool = False) -> datetime | None:
    """Return the time in UTC of `text`, a day or a time. Without a time zone it is in that of the viewer.

    `end_of_day`: a day means its end.
    """
    if not text:
        return None
    if is_day(text):
        day = date.fromisoformat(text)
        return start_of_day(day_after(day) if end_of_day else day, viewer_timezone())
    time = datetime.fromisoformat(text)
    return to_utc(time if time.tzinfo else time.replace(tzinfo=viewer_timezone()))
