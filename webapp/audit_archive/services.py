"""The only entry point to archives: move old records of the audit trail into a file.

1. A row in `audit_archives` says which records, and which file. 2. The file is written, read back and named. 3. One
transaction seals: from now on the chains begin after the archive. 4. The records are removed, in small transactions.
A crash at any moment loses and doubles nothing: the next run goes on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select

from webapp.audit.archive_models import AuditArchive, to_stored
from webapp.audit_archive.archive_file import hash_of_file, header_of, write_archive
from webapp.audit_archive.checking import CheckedFile, check_file
from webapp.audit_archive.locks import archive_lock
from webapp.audit_archive.planning import Plan, check_age, plan_archive
from webapp.audit_archive.removal import remove_records
from webapp.audit_archive.sealing import seal_archive
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.core.written_files import PARTIAL, new_file
from webapp.db.session import db
from webapp.db.snapshots import snapshot
from webapp.db.transactions import release_connection, transaction

SUFFIX = ".audit"


@dataclass(frozen=True)
class Result:
    """The archives that this run completed, and why younger records stay, or ""."""

    archives: list[AuditArchive]
    held_by: str


def archive_records(*, before: datetime, folder: Path, by: Actor) -> Result:
    """Move the records before this time into a new file in `folder`, after completing an archive that was interrupted.

    Raise Refused if the time is too late, if nothing can be archived, if the file exists, or if another process
    archives now. Raise OSError if the folder cannot be written.
    """
    check_age(before)
    with archive_lock():
        done = _complete_interrupted(by)
        try:
            plan = plan_now(before)
        except Refused as refusal:
            if not done or refusal.code != "nothing":
                raise
            return Result(_reloaded(done), "")
        done.append(_archive(plan, _path(folder, plan), by))
        return Result(_reloaded(done), plan.held_by)


def plan_now(before: datetime) -> Plan:
    """Return what `archive_records` would archive, without changing anything. Raise Refused like it."""
    with snapshot() as connection:
        return plan_archive(connection, before)


def _path(folder: Path, plan: Plan) -> Path:
    """Raise Refused if the folder cannot be used, or if the file exists."""
    folder = folder.absolute()
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder. Create it, or choose another one.", field="folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(f"{folder} cannot be written by this account.", field="folder")
    path = folder / file_name(plan)
    if not str(path).isprintable():
        raise Refused("Choose a folder whose name has only printable characters.", field="folder")
    if path.exists():
        raise Refused(f"{path} exists, and is never replaced. Move it away, or choose another folder.", field="folder")
    return path


def file_name(plan: Plan) -> str:
    return f"rollcall-{plan.number:04}-{plan.before:%Y%m%d}{SUFFIX}"


def _archive(plan: Plan, path: Path, by: Actor) -> UUID:
    archive_id = _begin(plan, path)
    checked = _write(archive_id, path)
    seal_archive(archive_id, checked, by=by)
    remove_records(archive_id)
    return archive_id


@transaction()
def _begin(plan: Plan, path: Path) -> UUID:
    archive = AuditArchive(
        number=plan.number,
        path=str(path),
        before=plan.before,
        records=plan.records,
        starts=to_stored(plan.starts),
        ends=to_stored(plan.ends),
        encrypted=bool(_passphrase()),
    )
    db.session.add(archive)
    db.session.flush()
    return archive.id


def _write(archive_id: UUID, path: Path) -> CheckedFile:
    """Write the file and read it back. It gets its name when every record in it matches the chain."""
    archive = db.session.get_one(AuditArchive, archive_id)
    before = select(AuditArchive.file_hash).where(AuditArchive.number == archive.number - 1)
    header = header_of(archive, db.session.scalar(before) or "")
    release_connection()
    with new_file(path) as file:
        write_archive(file, header, _passphrase())
        file.flush()
        os.fsync(file.fileno())
        return _checked(check_file(file, _passphrase()))


def _checked(found: CheckedFile) -> CheckedFile:
    """Raise Refused if a record is not as it was written: an archive must not hide that."""
    if found.report.findings:
        first = found.report.findings[0]
        place = f"shard {first.shard}, record {first.seq}"
        raise Refused(f"The audit trail is not as it was written ({place}: {first.what}). Run: flask audit verify")
    return found


def _complete_interrupted(by: Actor) -> list[UUID]:
    """Go on with an archive that a crash interrupted. Return it if it could be completed."""
    archive = db.session.scalars(select(AuditArchive).where(AuditArchive.finished_at.is_(None))).first()
    if archive is None:
        return []
    path = Path(archive.path)
    if archive.sealed_at is None:
        for draft in path.parent.glob(f".{path.name}.*{PARTIAL}"):
            draft.unlink(missing_ok=True)
        if not path.exists():
            _forget(archive.id)
            return []
        with path.open("rb") as file:
            seal_archive(archive.id, _ours(_checked(check_file(file, _passphrase())), archive), by=by)
    else:
        _check_file_is_there(path, archive)
    remove_records(archive.id)
    return [archive.id]


def _ours(found: CheckedFile, archive: AuditArchive) -> CheckedFile:
    if found.header.id != archive.id.hex:
        raise Refused(f"{archive.path} is another archive. Move it away, and run this again.")
    return found


def _check_file_is_there(path: Path, archive: AuditArchive) -> None:
    """Raise Refused before records are removed that the file does not have."""
    try:
        with path.open("rb") as file:
            is_ours = hash_of_file(file) == archive.file_hash
    except OSError as error:
        raise Refused(
            f"{path} cannot be read ({error.strerror}). Some of its records are still in the database. Put it back."
        ) from None
    if not is_ours:
        raise Refused(f"{path} was altered. Some of its records are still in the database. Put the right file back.")


@transaction()
def _forget(archive_id: UUID) -> None:
    """Remove the row of an archive without a file. No record was removed."""
    db.session.execute(delete(AuditArchive).where(AuditArchive.id == archive_id))


def _reloaded(ids: list[UUID]) -> list[AuditArchive]:
    query = select(AuditArchive).where(AuditArchive.id.in_(ids)).order_by(AuditArchive.number)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _passphrase() -> str:
    return current_settings().backup_passphrase.get_secret_value()
