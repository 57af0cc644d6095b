"""One run of a scheduled export: the people who match now, with the rights that the owner has now."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select, delete, func, select

from webapp.access.checks import powers_of_actor
from webapp.access.group_tree import member_ids_in
from webapp.attributes.models import Attribute
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.bulk.export_columns import (
    Column,
    Headings,
    Value,
    columns_of,
    exported_attributes,
    referenced_emails,
    rows_of,
)
from webapp.bulk.export_formats import CONTENT_TYPES, FileFormat, FileOptions, encode_rows, file_start, finish_file
from webapp.bulk.exports import CHUNK, ROWS_MAX, XLSX_ROWS_MAX
from webapp.bulk.requester import requester_of
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Refused
from webapp.core.formats import format_number
from webapp.core.permissions import Actor, Permission, Powers
from webapp.core.texts import _
from webapp.core.written_files import new_file, remove_old
from webapp.db.session import db
from webapp.directory.listing import matching_users
from webapp.directory.viewer import Viewer
from webapp.directory.views.addresses import query_of
from webapp.jobs.files import delete_parts, has_parts, join_parts, save_part
from webapp.jobs.kinds import JobRun
from webapp.jobs.models import JobFile
from webapp.scheduled_exports.checks import export_dir
from webapp.scheduled_exports.models import ExportRun, ScheduledExport, Target
from webapp.scheduled_exports.queries import job_ids_beyond
from webapp.scheduled_exports.services import check_may_export
from webapp.users.models import User

# The group of the folder can read the files, so that other programs can.
FILE_MODE = 0o640
SLUG_MAX = 40


def owner_of(export: ScheduledExport) -> Actor | None:
    """Return the person whose rights count. None if they or their API token may no longer export."""
    by = requester_of(export)
    try:
        if by is not None:
            check_may_export(by, export.target)
    except Forbidden:
        return None
    return replace(by, reason=str(_("Scheduled export: %(name)s", name=export.name))) if by else None


def lost_owner(export: ScheduledExport) -> str:
    """Say why `owner_of` is None."""
    owner = db.session.get(User, export.requested_by_id) if export.requested_by_id else None
    if owner is None or not owner.can_sign_in:
        return str(_("The owner of this export can no longer sign in."))
    if requester_of(export) is None:
        return str(_("The API token that saved this export was revoked. Save the export again."))
    return str(_("The owner of this export may no longer export people."))


def export_chunk(job: JobRun, run: ExportRun, export: ScheduledExport, *, by: Actor) -> bool:
    """Save the next part of the file. Return whether there is another; otherwise the file is finished.

    Start again if a person in the earlier parts was erased, or if the owner sees other attributes than before.
    """
    attributes, options = exported_attributes(by), _options_of(export)
    rights = {"attributes": [str(attribute.id) for attribute in attributes]}
    if job.checkpoint and (job.checkpoint["rights"] != rights or not has_parts(job.job_id, job.checkpoint["part"])):
        job.restart()
    people = _people(export, attributes, powers_of_actor(by))
    checkpoint = job.checkpoint or _start(export, people, by=by)
    last = UUID(checkpoint["last"]) if checkpoint["last"] else None
    found = _next_people(people, last)
    columns, part = _encode(found, attributes, export, options, by=by, is_first=last is None)
    save_part(job.job_id, checkpoint["part"], part.content, people=[user.id for user in found], named=part.named)
    exported = checkpoint["people"] + len(found)
    if len(found) == CHUNK:
        following = {"last": found[-1].id.hex, "part": checkpoint["part"] + 1, "people": exported, "rights": rights}
        job.advance(following, done=len(found), total=checkpoint.get("total"))
        return True
    content = finish_file(join_parts(job.job_id, start=file_start(options)), columns, options)
    run.people, run.filename = exported, _filename(export, options.format)
    _deliver(job, run, export, content, rights)
    return False


class _Part(NamedTuple):
    """Rows of the file, and the people whom they name besides their own."""

    content: bytes
    named: list[UUID]


def _options_of(export: ScheduledExport) -> FileOptions:
    return FileOptions(FileFormat(export.format), Headings(export.headings))


def _people(export: ScheduledExport, attributes: list[Attribute], powers: Powers) -> Select[Any]:
    """Return the people who match, within what the owner may see and export. Raise Refused if the search is wrong."""
    reaches = [powers.reach(permission) for permission in (Permission.USERS_READ, Permission.USERS_EXPORT)]
    try:
        matches = matching_users(query_of(export.list_address), Viewer(reaches[0], lambda: attributes))
    except ValidationError:
        raise Refused(_("The list of this export no longer exists. Choose its people again.")) from None
    if matches.messages:
        # It would match other people than intended.
        raise Refused(matches.messages[0])
    query: Select[Any] = matches.query.with_only_columns(User.id).order_by(None)
    return query if reaches[1] is None else query.where(User.id.in_(member_ids_in(reaches[1])))


def _start(export: ScheduledExport, people: Select[Any], *, by: Actor) -> dict[str, Any]:
    """Record the export, and return the first checkpoint. Raise Refused if there are too many people."""
    count = db.session.scalar(select(func.count()).select_from(people.subquery())) or 0
    limit = XLSX_ROWS_MAX if export.format == FileFormat.XLSX else ROWS_MAX
    if count > limit:
        raise Refused(_("You can export at most %(count)s people. Select fewer.", count=format_number(limit)))
    changes = {"format": (None, export.format), "people": (None, str(count))}
    record(Action.USERS_EXPORTED, subject=export, by=by, kind="scheduled_export", changes=changes)
    return {"last": None, "part": 0, "people": 0, "total": count}


def _next_people(people: Select[Any], last: UUID | None) -> list[User]:
    ids = people if last is None else people.where(User.id > last)
    batch = ids.order_by(User.id).limit(CHUNK).subquery()
    return list(db.session.scalars(select(User).join(batch, batch.c.id == User.id).order_by(User.id)))


def _encode(
    found: list[User], attributes: list[Attribute], export: ScheduledExport, options: FileOptions, *, by: Actor,
    is_first: bool,
) -> tuple[list[Column], _Part]:  # fmt: skip
    """Return the chosen columns that the owner may see, and the part with these people."""
    every = columns_of(attributes)
    chosen = [number for number, column in enumerate(every) if export.columns is None or column.key in export.columns]
    emails = referenced_emails(found, attributes, by=by)
    rows: list[list[Value]] = [
        [row[number] for number in chosen] for row in rows_of(found, attributes, emails, options.headings)
    ]
    columns = [every[number] for number in chosen]
    return columns, _Part(encode_rows(rows, columns, options, is_first=is_first), list(emails))


def _deliver(job: JobRun, run: ExportRun, export: ScheduledExport, content: bytes, rights: dict[str, Any]) -> None:
    """Attach the file to the job, or write it to the folder. Remove older files than the last `keep`."""
    if export.target == Target.FOLDER:
        folder = export_dir()
        with new_file(folder / run.filename, mode=FILE_MODE) as file:
            file.write(content)
        remove_old(folder, _own_files(export), keep=export.keep, partial=f"*{_tag(export)}*")
        return
    job.attach_file(run.filename, content, CONTENT_TYPES[FileFormat(export.format)], rights=rights)
    if old := job_ids_beyond(export.id, export.keep):
        db.session.execute(delete(JobFile).where(JobFile.job_id.in_(old)))
        delete_parts(old)


def _filename(export: ScheduledExport, format_: FileFormat) -> str:
    """Return a name that no other export has, and that sorts by time."""
    slug = re.sub(r"[^\w]+", "-", export.name.lower()).strip("-_")[:SLUG_MAX] or "people"
    return f"{slug}-{_tag(export)}-{now():%Y%m%dT%H%M%SZ}.{format_.value}"


def _tag(export: ScheduledExport) -> str:
    return export.id.hex[-8:]


def _own_files(export: ScheduledExport) -> re.Pattern[str]:
    # Also under an earlier name of the export.
    return re.compile(rf".*-{_tag(export)}-(\d{{8}}T\d{{6}}Z)\.\w+")
