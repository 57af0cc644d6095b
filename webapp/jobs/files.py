"""Files that jobs create in parts. Erasing a person removes the files and parts that contain their data."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, update

from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.errors import Forbidden, Gone, NotFound
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
from webapp.jobs.kinds import JobKinds
from webapp.jobs.models import Job, JobFile, JobFilePart, JobFilePerson
from webapp.jobs.queries import file_of

# `join_parts` reads this many parts at a time.
PARTS_READ = 20


def get_file(job: Job, *, by: Actor) -> JobFile:
    """Return the file for download. Raise NotFound, Gone if it was removed, Forbidden if `by` may not see its content.

    What a person may see can change between creating and downloading a file, so it is checked here again.
    """
    file = file_of(job.id)
    if file is None:
        raise NotFound(_("This job has no file to download"))
    if job.requested_by_id is None or job.requested_by_id != by.id:
        raise Forbidden(_("Only the person who requested this job can download its file"))
    if file.removed_at:
        raise Gone(_("This file was removed because a user in it was erased. Create it again."))
    kind = current_registry().get(JobKinds).get(job.kind)
    if kind is None:
        raise NotFound(_("This job has no file to download"))
    if kind.check_file is not None:
        kind.check_file(file, by)
    return file


def file_outdated() -> Forbidden:
    return Forbidden(_("Your permissions have changed since this file was created. Create it again."))


def save_part(
    job_id: UUID, number: int, content: bytes, *, people: Collection[UUID], named: Collection[UUID] = ()
) -> None:
    """Save part `number`. It has rows about `people`, and these rows name other people (`named`).

    Part 0 starts a new file.
    """
    if number == 0:
        delete_parts([job_id])
    db.session.execute(insert(JobFilePart), [{"job_id": job_id, "number": number, "content": content}])
    has_row = dict.fromkeys(named, False) | dict.fromkeys(people, True)
    rows = [{"job_id": job_id, "number": number, "user_id": id_, "has_row": own} for id_, own in has_row.items()]
    if rows:
        db.session.execute(insert(JobFilePerson), rows)


def has_parts(job_id: UUID, count: int) -> bool:
    """Return whether all `count` parts exist. If not, a person in them was erased, and the job must start again."""
    found = select(func.count()).select_from(JobFilePart).where(JobFilePart.job_id == job_id)
    return (db.session.scalar(found) or 0) == count


def join_parts(job_id: UUID, *, start: str) -> bytes:
    """Return `start` and the parts as one file, and delete the parts."""
    own = JobFilePart.job_id == job_id
    content = bytearray(start.encode())
    query = select(JobFilePart.content).where(own).order_by(JobFilePart.number)
    for part in db.session.scalars(query, execution_options={"yield_per": PARTS_READ}):
        content += part
    db.session.execute(delete(JobFilePart).where(own), execution_options=NO_SYNC)
    return bytes(content)


def delete_parts(job_ids: Collection[UUID]) -> None:
    for model in (JobFilePart, JobFilePerson):
        db.session.execute(delete(model).where(model.job_id.in_(job_ids)), execution_options=NO_SYNC)


def remove_files_of(person_id: UUID) -> None:
    """Remove the files and parts that contain data of this person, or that they requested.

    Call it in the transaction that erases the person. Jobs that are still writing start again.
    """
    about = select(JobFilePerson.job_id).where(JobFilePerson.user_id == person_id)
    jobs = select(Job.id).where(or_(Job.id.in_(about), Job.requested_by_id == person_id)).order_by(Job.id)
    # A chunk locks the row of its job. Without this lock it could save another part after the others were deleted.
    job_ids = list(db.session.scalars(jobs.with_for_update()))
    if not job_ids:
        return
    removed: dict[str, Any] = {"content": b"", "removed_at": now()}
    db.session.execute(update(JobFile).where(JobFile.job_id.in_(job_ids)).values(removed), execution_options=NO_SYNC)
    delete_parts(job_ids)
