"""The people of a bulk change as a CSV file. A job creates large files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.access.summaries import AccessSummary, access_summaries
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes, referenced_people
from webapp.attributes.visibility import visible_attributes
from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.bulk.jobs import continue_in_job
from webapp.bulk.models import REQUEST_PEOPLE_MAX, BulkChange, State
from webapp.bulk.queries import has_person_outside, people_after
from webapp.bulk.requester import lock_own_change, save_request_details
from webapp.core.clock import now
from webapp.core.errors import Refused, Stale
from webapp.core.formats import format_number
from webapp.core.permissions import Actor, Permission, Reach
from webapp.core.spreadsheets import BOM, csv_text
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.jobs.files import file_outdated, has_parts, join_parts, save_part
from webapp.jobs.kinds import JobRun
from webapp.jobs.models import JobFile
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
    emails = _referenced_emails(people, attributes, by=by)
    return BOM + csv_text([_headings(attributes), *_rows(people, attributes, emails)])


def export_chunk(run: JobRun, bulk: BulkChange, *, by: Actor) -> None:
    """Save the next part of the file. After the last part, attach the file to the job.

    Start again if a person in the earlier parts was erased, or if `by` sees other attributes than before.
    """
    attributes = _visible_attributes(by)
    rights = {"attributes": [str(attribute.id) for attribute in attributes]}
    if run.checkpoint and (run.checkpoint.get("rights") != rights or not has_parts(run.job_id, run.checkpoint["part"])):
        run.restart()
    checkpoint = run.checkpoint or {"number": 0, "part": 0, "people": 0}
    people = _next_people(bulk, checkpoint["number"], CHUNK, by=by)
    emails = _referenced_emails(people, attributes, by=by)
    rows = _rows(people, attributes, emails)
    text = csv_text(rows if run.checkpoint else [_headings(attributes), *rows])
    ids = [user.id for _number, user in people]
    save_part(run.job_id, checkpoint["part"], text.encode(), people=ids, named=emails)
    exported = checkpoint["people"] + len(people)
    if len(people) == CHUNK:
        checkpoint = {"number": people[-1][0], "part": checkpoint["part"] + 1, "people": exported, "rights": rights}
        run.advance(checkpoint, done=len(people), total=bulk.total)
        return
    run.advance(checkpoint, done=len(people), total=exported)
    content = join_parts(run.job_id, start=BOM)
    run.attach_file(f"people-{now():%Y-%m-%d}.csv", content, CONTENT_TYPE, rights=rights)
    bulk.state, bulk.applied_at = State.APPLIED, now()
    run.finish(people=exported)


def check_export_file(file: JobFile, by: Actor) -> None:
    """Raise Forbidden unless `by` may still see every person and attribute in the file, and export its rows."""
    visible = {str(attribute.id) for attribute in _visible_attributes(by)}
    see, export = _reaches(by)
    if (
        frozenset() in (see, export)
        or "attributes" not in file.rights
        or not visible.issuperset(file.rights["attributes"])
        or has_person_outside(file.job_id, see)
        or has_person_outside(file.job_id, export, with_row=True)
    ):
        raise file_outdated()


def _visible_attributes(by: Actor) -> list[Attribute]:
    return visible_attributes(live_attributes(), powers_of_actor(by))


def _next_people(bulk: BulkChange, after: int, limit: int, *, by: Actor) -> list[tuple[int, User]]:
    """Return the people after item number `after` that `by` may see and export now."""
    return people_after(bulk.id, after, limit, reaches=_reaches(by))


def _reaches(by: Actor) -> list[Reach]:
    powers = powers_of_actor(by)
    return [powers.reach(permission) for permission in (Permission.USERS_READ, Permission.USERS_EXPORT)]


def _headings(attributes: Iterable[Attribute]) -> list[str]:
    return [str(heading) for heading in HEADINGS] + [attribute.label for attribute in attributes]


def _referenced_emails(
    people: Sequence[tuple[int, User]], attributes: Sequence[Attribute], *, by: Actor
) -> dict[UUID, str]:
    """Return the addresses of the people that attributes name, if `by` may see these people."""
    reach = powers_of_actor(by).reach(Permission.USERS_READ)
    referenced = referenced_people(attributes, *(user.attributes for _number, user in people), reach=reach)
    return {person.id: person.email for person in referenced.values()}


def _rows(
    people: Sequence[tuple[int, User]], attributes: Sequence[Attribute], emails: Mapping[UUID, str]
) -> list[list[str]]:
    summaries = access_summaries([user.id for _number, user in people])
    shown = {str(user_id): email for user_id, email in emails.items()}
    rows = []
    for _number, user in people:
        values = [audit_text(user.attributes.get(attribute.key)) or "" for attribute in attributes]
        rows.append([*_own_cells(user, summaries[user.id]), *(shown.get(value, value) for value in values)])
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
        ", ".join(access.role_labels),
        ", ".join(access.groups),
        *(f"{time:{TIME_FORMAT}}" if time else "" for time in times),
    ]
