"""The people of a bulk change as a file. A job creates large files."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.bulk.export_columns import Column, Headings, columns_of, exported_attributes, referenced_emails, rows_of
from webapp.bulk.export_formats import (
    CONTENT_TYPES,
    FileFormat,
    FileOptions,
    encode_rows,
    file_start,
    finish_file,
)
from webapp.bulk.jobs import continue_in_job
from webapp.bulk.models import REQUEST_PEOPLE_MAX, BulkChange, State
from webapp.bulk.queries import has_person_outside, people_after
from webapp.bulk.requester import lock_own_change, save_request_details
from webapp.core.clock import now
from webapp.core.errors import Invalid, Refused, Stale
from webapp.core.formats import format_number
from webapp.core.permissions import Actor, Permission, Reach
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.jobs.files import file_outdated, has_parts, join_parts, save_part
from webapp.jobs.kinds import JobRun
from webapp.jobs.models import JobFile
from webapp.users.models import User

CHUNK = 1000
# 40 MB. The database driver needs nine times the size of a file to write it, and a worker has 512 MB.
ROWS_MAX = 250_000
# The last chunk of the job writes the whole workbook in its transaction.
XLSX_ROWS_MAX = 50_000


@dataclass(frozen=True)
class ExportFile:
    content: bytes
    content_type: str
    name: str


@transaction()
def export_bulk_change(bulk_id: UUID, *, options: FileOptions, by: Actor) -> ExportFile | None:
    """Record the export, and return the file. None if a job creates it because it is large.

    Raise Stale if a job is creating it already, Refused if there are too many people.
    """
    bulk = lock_own_change(bulk_id, by)
    if bulk.state not in {State.PLANNED, State.APPLIED}:
        raise Stale(_("The file is already being created"))
    _check_size(bulk, options)
    save_request_details(bulk, by, action=Action.USERS_EXPORTED)
    changes = {"format": (None, options.format.value), "people": (None, str(bulk.total))}
    record(Action.USERS_EXPORTED, subject=bulk, by=by, kind="bulk", label=str(_("People exported")), changes=changes)
    if bulk.total > REQUEST_PEOPLE_MAX:
        bulk.state = State.APPLYING
        chosen = options.format.value, options.chosen_headings.value
        continue_in_job("bulk.export", bulk, by=by, total=bulk.total, format=chosen[0], headings=chosen[1])
        return None
    bulk.state, bulk.applied_at = State.APPLIED, now()
    attributes = exported_attributes(by)
    people = [user for _number, user in _next_people(bulk, 0, REQUEST_PEOPLE_MAX, by=by)]
    rows = rows_of(people, attributes, referenced_emails(people, attributes, by=by), options.headings)
    columns = columns_of(attributes)
    part = encode_rows(rows, columns, options, is_first=True)
    return _export_file(file_start(options).encode() + part, columns, options)


def _check_size(bulk: BulkChange, options: FileOptions) -> None:
    if bulk.total > ROWS_MAX:
        raise Refused(_("You can export at most %(count)s people. Select fewer.", count=format_number(ROWS_MAX)))
    if options.format is FileFormat.XLSX and bulk.total > XLSX_ROWS_MAX:
        count = format_number(XLSX_ROWS_MAX)
        message = _("An XLSX file can have at most %(count)s people. Choose CSV, or select fewer.", count=count)
        raise Invalid(message, field="format")


def export_chunk(run: JobRun, bulk: BulkChange, *, by: Actor) -> None:
    """Save the next part of the file. After the last part, attach the file to the job.

    Start again if a person in the earlier parts was erased, or if `by` sees other attributes than before.
    """
    options = _options_of(run)
    attributes = exported_attributes(by)
    columns = columns_of(attributes)
    rights = {"attributes": [str(attribute.id) for attribute in attributes]}
    if run.checkpoint and (run.checkpoint.get("rights") != rights or not has_parts(run.job_id, run.checkpoint["part"])):
        run.restart()
    checkpoint = run.checkpoint or {"number": 0, "part": 0, "people": 0}
    numbered = _next_people(bulk, checkpoint["number"], CHUNK, by=by)
    people = [user for _number, user in numbered]
    emails = referenced_emails(people, attributes, by=by)
    rows = rows_of(people, attributes, emails, options.headings)
    part = encode_rows(rows, columns, options, is_first=not run.checkpoint)
    save_part(run.job_id, checkpoint["part"], part, people=[user.id for user in people], named=emails)
    exported = checkpoint["people"] + len(people)
    if len(people) == CHUNK:
        checkpoint = {"number": numbered[-1][0], "part": checkpoint["part"] + 1, "people": exported, "rights": rights}
        run.advance(checkpoint, done=len(people), total=bulk.total)
        return
    run.advance(checkpoint, done=len(people), total=exported)
    file = _export_file(join_parts(run.job_id, start=file_start(options)), columns, options)
    run.attach_file(file.name, file.content, file.content_type, rights=rights)
    bulk.state, bulk.applied_at = State.APPLIED, now()
    run.finish(people=exported)


def _options_of(run: JobRun) -> FileOptions:
    """A job that the version before enqueued has no options."""
    format_ = FileFormat(run.arguments.get("format", FileFormat.CSV))
    return FileOptions(format_, Headings(run.arguments.get("headings", Headings.LABELS)))


def _export_file(parts: bytes, columns: list[Column], options: FileOptions) -> ExportFile:
    name = f"people-{now():%Y-%m-%d}.{options.format.value}"
    return ExportFile(finish_file(parts, columns, options), CONTENT_TYPES[options.format], name)


def check_export_file(file: JobFile, by: Actor) -> None:
    """Raise Forbidden unless `by` may still see every person and attribute in the file, and export its rows."""
    visible = {str(attribute.id) for attribute in exported_attributes(by)}
    see, export = _reaches(by)
    if (
        frozenset() in (see, export)
        or "attributes" not in file.rights
        or not visible.issuperset(file.rights["attributes"])
        or has_person_outside(file.job_id, see)
        or has_person_outside(file.job_id, export, with_row=True)
    ):
        raise file_outdated()


def _next_people(bulk: BulkChange, after: int, limit: int, *, by: Actor) -> list[tuple[int, User]]:
    """Return the people after item number `after` that `by` may see and export now."""
    return people_after(bulk.id, after, limit, reaches=_reaches(by))


def _reaches(by: Actor) -> list[Reach]:
    powers = powers_of_actor(by)
    return [powers.reach(permission) for permission in (Permission.USERS_READ, Permission.USERS_EXPORT)]
