"""The people of a bulk change as a CSV file: at once, or gathered by a job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from webapp.access.checks import powers_of_actor
from webapp.access.models import role_label
from webapp.access.summaries import access_summaries
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes, referenced_people
from webapp.attributes.visibility import visible_attributes
from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.bulk.models import AT_ONCE, BulkChange, BulkPart, State
from webapp.bulk.queries import people_after
from webapp.bulk.services import by_job, own_bulk, sign
from webapp.core.clock import now
from webapp.core.errors import Refused, Stale
from webapp.core.formats import format_number
from webapp.core.permissions import Actor, Permission
from webapp.core.spreadsheets import BOM, csv_text, escape_formula
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import JobRun
from webapp.users.labels import STATUS_LABELS
from webapp.users.models import Status, User
from webapp.users.values import audit_text

CHUNK = 1000
# 40 MB. The driver takes nine times a file's size to write it, and a worker has 512 MB.
LINES_MAX = 250_000
CONTENT_TYPE = "text/csv; charset=utf-8"
TIME = "%Y-%m-%d %H:%M:%S"
HEADINGS = (
    _("ID"),
    _("Name"),
    _("E-mail address"),
    _("Username"),
    _("Status"),
    _("Roles"),
    _("Groups"),
    _("Access starts on"),
    _("Access ends on"),
    _("Created (UTC)"),
    _("Last sign-in (UTC)"),
)


@transaction()
def export_bulk(bulk_id: UUID, *, by: Actor) -> str | None:
    """The file, where it is small; else None: a job leaves it. Each time is recorded. Raises Stale, Refused."""
    bulk = own_bulk(bulk_id, by)
    if bulk.state not in {State.PLANNED, State.APPLIED}:
        raise Stale(_("The file is already being created"))
    if bulk.total > LINES_MAX:
        raise Refused(_("You can export at most %(count)s people. Select fewer.", count=format_number(LINES_MAX)))
    sign(bulk, by, recorded=Action.USERS_EXPORTED)
    changes = {"format": (None, "csv"), "people": (None, str(bulk.total))}
    record(Action.USERS_EXPORTED, subject=bulk, by=by, kind="bulk", label=str(_("People exported")), changes=changes)
    if bulk.total > AT_ONCE:
        bulk.state = State.APPLYING
        by_job("bulk.export", bulk, by=by, total=bulk.total)
        return None
    bulk.state, bulk.applied_at = State.APPLIED, now()
    attributes = shown_to(by)
    return BOM + csv_text([_headings(attributes), *_lines(_next(bulk, 0, AT_ONCE, by=by), attributes)])


def export_part(run: JobRun, bulk: BulkChange, *, by: Actor) -> None:
    """The next people of a job's file; with the last of them it is whole."""
    place = run.checkpoint or {"number": 0, "part": 0, "people": 0}
    attributes = shown_to(by)
    people = _next(bulk, place["number"], CHUNK, by=by)
    lines = _lines(people, attributes)
    text = csv_text(lines if run.checkpoint else [_headings(attributes), *lines])
    db.session.add(BulkPart(bulk_id=bulk.id, number=place["part"], content=text.encode()))
    written = place["people"] + len(people)
    if len(people) == CHUNK:
        place = {"number": people[-1][0], "part": place["part"] + 1, "people": written}
        run.advance(place, done=len(people), total=bulk.total)
        return
    db.session.flush()
    run.advance(place, done=len(people), total=written)
    run.attach_file(f"people-{now():%Y-%m-%d}.csv", _gathered(bulk.id), CONTENT_TYPE)
    bulk.state, bulk.applied_at = State.APPLIED, now()
    run.finish(people=written)


def shown_to(by: Actor) -> list[Attribute]:
    """The attributes that whoever exports may see."""
    return visible_attributes(live_attributes(), powers_of_actor(by))


def _next(bulk: BulkChange, after: int, limit: int, *, by: Actor) -> list[tuple[int, User]]:
    """Those whom they may see and export now."""
    powers = powers_of_actor(by)
    reaches = [powers.reach(permission) for permission in (Permission.USERS_READ, Permission.USERS_EXPORT)]
    return people_after(bulk.id, after, limit, reaches=reaches)


def _gathered(bulk_id: UUID) -> bytes:
    mine = BulkPart.bulk_id == bulk_id
    content = bytearray(BOM.encode())
    parts = select(BulkPart.content).where(mine).order_by(BulkPart.number)
    for part in db.session.scalars(parts, execution_options={"yield_per": 20}):
        content += part
    db.session.execute(delete(BulkPart).where(mine), execution_options={"synchronize_session": False})
    return bytes(content)


def _headings(attributes: Iterable[Attribute]) -> list[str]:
    return [str(heading) for heading in HEADINGS] + [escape_formula(attribute.label) for attribute in attributes]


def _lines(people: Sequence[tuple[int, User]], attributes: Sequence[Attribute]) -> list[list[str]]:
    labels = access_summaries([user.id for _number, user in people])
    referenced = referenced_people(attributes, *(user.attributes for _number, user in people))
    emails = {user_id: person.email for user_id, person in referenced.items()}
    lines = []
    for _number, user in people:
        roles, groups = labels[user.id].roles, labels[user.id].groups
        own = [
            str(user.id),
            user.name,
            user.email,
            user.username or "",
            str(STATUS_LABELS[Status(user.status)]),
            ", ".join(str(role_label(name)) for name in roles),
            ", ".join(groups),
            *(_moment(each) for each in (user.starts_at, user.ends_at, user.created_at, user.last_sign_in_at)),
        ]
        values = [audit_text(user.attributes.get(attribute.key)) or "" for attribute in attributes]
        lines.append([escape_formula(cell) for cell in (*own, *(emails.get(value, value) for value in values))])
    return lines


def _moment(moment: datetime | None) -> str:
    return f"{moment:{TIME}}" if moment else ""
