"""Seals an archive: in one transaction, the chains begin after it, and the trail says so."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import insert, select

from webapp.audit.actions import Action
from webapp.audit.archive_models import AuditArchive, AuditArchivedErasure, AuditArchivedName, AuditArchiveKey
from webapp.audit.archives import hash_of_erasures, hash_of_heads
from webapp.audit.erasure import ARCHIVE
from webapp.audit.models import ARCHIVE_NUMBER, ERASURES_HASH, FILE_HASH, HEADS_HASH
from webapp.audit.services import Changes, SubjectId, record
from webapp.audit_archive.checking import CheckedFile
from webapp.audit_archive.locks import in_short_transaction
from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.db.session import db


def seal_archive(archive_id: UUID, checked: CheckedFile, *, by: Actor) -> None:
    """Seal the archive whose complete file is `checked`."""
    in_short_transaction(lambda: _seal(archive_id, checked, by))


def _seal(archive_id: UUID, checked: CheckedFile, by: Actor) -> None:
    archive = db.session.get_one(AuditArchive, archive_id)
    archive.sealed_at, archive.file_hash, archive.size = now(), checked.file_hash, checked.size
    archive.encrypted = checked.encrypted
    _add_erasures(checked.erasures)
    _add_names(checked.names)
    db.session.flush()
    changes: Changes = {
        "file": (None, archive.file),
        "archived_before": (None, archive.before.isoformat()),
        "records": (None, str(archive.records)),
        ARCHIVE_NUMBER: (None, str(archive.number)),
        FILE_HASH: (None, checked.file_hash),
        HEADS_HASH: (None, hash_of_heads(archive.ends)),
        ERASURES_HASH: (None, hash_of_erasures(db.session.connection())),
    }
    subject = SubjectId(archive_id)
    record(Action.AUDIT_ARCHIVED, subject=subject, by=by, kind=ARCHIVE, label=archive.file, changes=changes)


def _add_erasures(erasures: Mapping[str, str | None]) -> None:
    rows = [{"person_id": UUID(each), "redactions_hash": hash_} for each, hash_ in sorted(erasures.items())]
    if rows:
        db.session.execute(insert(AuditArchivedErasure), rows)


def _add_names(names: set[tuple[str, str]]) -> None:
    """Add names of people who are not erased. The lock lets an erasure wait, which then removes them."""
    ids = sorted({UUID(person_id) for person_id, _name in names})
    for start in range(0, len(ids), 5000):
        batch = ids[start : start + 5000]
        held = select(AuditArchiveKey.person_id).where(
            AuditArchiveKey.person_id.in_(batch), AuditArchiveKey.key.is_not(None)
        )
        present = {each.hex for each in db.session.scalars(held.with_for_update())}
        known = select(AuditArchivedName.person_id, AuditArchivedName.name).where(
            AuditArchivedName.person_id.in_(batch)
        )
        old = {(row.person_id.hex, row.name) for row in db.session.execute(known)}
        rows = [{"person_id": UUID(each), "name": name} for each, name in sorted(names - old) if each in present]
        if rows:
            db.session.execute(insert(AuditArchivedName), rows)
