"""The people of a bulk change as a CSV file. A job creates large files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, select

from webapp.access.checks import powers_of_actor
from webapp.access.models import role_label
from webapp.access.summaries import AccessSummary, access_summaries
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes, referenced_people
from webapp.attributes.visibility import visible_attributes
from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.bulk.jobs import continue_in_job
from webapp.bulk.models import REQUEST_PEOPLE_MAX, BulkChange, BulkPart, State
from webapp.bulk.queries import people_after
from webapp.bulk.requester import lock_own_change, save_request_details
from webapp.core.clock import now
from webapp.core.errors import Refused, Stale
from webapp.core.formats import format_number
from webapp.core.permissions import Actor, Permission
from webapp.core.spreadsheets import BOM, csv_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import JobRun
from webapp.users.labels import STATUS_LABELS
from webapp.users.models import Status, User
from webapp.users.values import audit_text

CHUNK = 1000
# 40 MB. The database driver needs nine times the size of a file to write it, and a worker has 512 MB.
ROWS_MAX = 250_000
CONTENT_TYPE = "text/csv; charset=utf-8"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
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
def export_bulk_change(bulk_id: UUID, *, by: Actor) -> str | None:
    """Record the export, and return the file. None if a job creates it because it is large.

    Raise Stale if a job is creating it already, Refused if there are too many people.
    """
    bulk = lock_own_change(bulk_id, by)
    if bulk.state not in {State.PLANNED, State.APPLIED}:
        raise Stale(_("The file is already being created"))
    if bulk.total > ROWS_MAX:
        raise Refused(_("You can export at most %(count)s people. Select fewer.", count=format_number(ROWS_MAX)))
    save_request_details(bulk, by, action=Action.USERS_EXPORTED)
    changes = {"format": (None, "csv"), "people": (None, str(bulk.total))}
    record(Action.USERS_EXPORTED, subject=bulk, by=by, kind="bulk", label=str(_("People exported")), changes=changes)
    if bulk.total > REQUEST_PEOPLE_MAX:
        bulk.state = State.APPLYING
        continue_in_job("bulk.export", bulk, by=by, total=bulk.total)
        return None
    bulk.state, bulk.applied_at = State.APPLIED, now()
    attributes = _visible_attributes(by)
    people = _next_people(bulk, 0, REQUEST_PEOPLE_MAX, by=by)
    return BOM + csv_text([_headings(attributes), *_rows(people, attributes)])


def export_chunk(run: JobRun, bulk: BulkChange, *, by: Actor) -> None:
    """Store the next part of the file. After the last part, attach the file to the job."""
    checkpoint = run.checkpoint or {"number": 0, "part": 0, "people": 0}
    attributes = _visible_attributes(by)
    people = _next_people(bulk, checkpoint["number"], CHUNK, by=by)
    rows = _rows(people, attributes)
    text = csv_text(rows if run.checkpoint else [_headings(attributes), *rows])
    db.session.add(BulkPart(bulk_id=bulk.id, number=checkpoint["part"], content=text.encode()))
    exported = checkpoint["people"] + len(people)
    if len(people) == CHUNK:
        checkpoint = {"number": people[-1][0], "part": checkpoint["part"] + 1, "people": exported}
        run.advance(checkpoint, done=len(people), total=bulk.total)
        return
    db.session.flush()
    run.advance(checkpoint, done=len(people), total=exported)
    run.attach_file(f"people-{now():%Y-%m-%d}.csv", _join_parts(bulk.id), CONTENT_TYPE)
    bulk.state, bulk.applied_at = State.APPLIED, now()
    run.finish(people=exported)


def _visible_attributes(by: Actor) -> list[Attribute]:
    return visible_attributes(live_attributes(), powers_of_actor(by))


def _next_people(bulk: BulkChange, after: int, limit: int, *, by: Actor) -> list[tuple[int, User]]:
    """Return the people after item number `after` that `by` may see and export now."""
    powers = powers_of_actor(by)
    reaches = [powers.reach(permission) for permission in (Permission.USERS_READ, Permission.USERS_EXPORT)]
    return people_after(bulk.id, after, limit, reaches=reaches)


def _headings(attributes: Iterable[Attribute]) -> list[str]:
    return [str(heading) for heading in HEADINGS] + [attribute.label for attribute in attributes]


def _rows(people: Sequence[tuple[int, User]], attributes: Sequence[Attribute]) -> list[list[str]]:
    summaries = access_summaries([user.id for _number, user in people])
    referenced = referenced_people(attributes, *(user.attributes for _number, user in people))
    emails = {user_id: person.email for user_id, person in referenced.items()}
    rows = []
    for _number, user in people:
        values = [audit_text(user.attributes.get(attribute.key)) or "" for attribute in attributes]
        rows.append([*_own_cells(user, summaries[user.id]), *(emails.get(value, value) for value in values)])
    return rows


def _own_cells(user: User, access: AccessSummary) -> list[str]:
    """Return the cells under HEADINGS."""
    times = (user.starts_at, user.ends_at, user.created_at, user.last_sign_in_at)
    return [
        str(user.id),
        user.name,
        user.email,
        user.username or "",
        str(STATUS_LABELS[Status(user.status)]),
        ", ".join(str(role_label(name)) for name in access.roles),
        ", ".join(access.groups),
        *(f"{time:{TIME_FORMAT}}" if time else "" for time in times),
    ]


def _join_parts(bulk_id: UUID) -> bytes:
    """Return the whole file, and delete its parts."""
    content = bytearray(BOM.encode())
    parts = select(BulkPart.content).where(BulkPart.bulk_id == bulk_id).order_by(BulkPart.number)
    for part in db.session.scalars(parts, execution_options={"yield_per": 20}):
        content += part
    deleted = delete(BulkPart).where(BulkPart.bulk_id == bulk_id)
    db.session.execute(deleted, execution_options={"synchronize_session": False})
    return bytes(content)
