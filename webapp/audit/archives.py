"""Named reads of archives, and what an erasure changes in them (docs/design/audit-archives.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, Table, delete, select

from webapp.audit.archive_models import (
    AuditArchive,
    AuditArchivedErasure,
    AuditArchivedName,
    AuditArchiveKey,
    StoredHeads,
    to_heads,
)
from webapp.audit.findings import Head
from webapp.db.session import db
from webapp.db.types import compact_json
from webapp.db.upserts import insert_into
from webapp.lists.order import Order

NEWEST_ARCHIVE_FIRST = Order("-number", AuditArchive.number, AuditArchive.number, descending=True)
NEWEST_ARCHIVE = (
    select(AuditArchive).where(AuditArchive.sealed_at.is_not(None)).order_by(AuditArchive.number.desc()).limit(1)
)


class Anchor(NamedTuple):
    """The newest archive, as `audit verify` needs it. `heads`: the last archived record of each shard."""

    number: int
    heads: dict[int, Head]
    heads_hash: str
    erasures_hash: str


def last_archive() -> AuditArchive | None:
    """Return the newest archive whose file is complete."""
    return db.session.scalars(NEWEST_ARCHIVE).first()


def archived_before() -> datetime | None:
    """Return the time before which records are archived and no longer in the database. None: nothing is archived."""
    return db.session.scalar(NEWEST_ARCHIVE.with_only_columns(AuditArchive.before))


def list_archives() -> Select[AuditArchive]:
    return select(AuditArchive)


def read_anchor(connection: Connection) -> Anchor | None:
    """Return the anchor, or None if nothing is archived."""
    row = connection.execute(NEWEST_ARCHIVE.with_only_columns(AuditArchive.number, AuditArchive.ends)).first()
    if row is None:
        return None
    return Anchor(row.number, to_heads(row.ends), hash_of_heads(row.ends), hash_of_erasures(connection))


def archived_erasures(connection: Connection) -> Iterator[tuple[str, str | None]]:
    """Yield the ID of each person whose erasure is archived, as hexadecimal digits, and the hash of its redactions."""
    columns = (AuditArchivedErasure.person_id, AuditArchivedErasure.redactions_hash)
    for person_id, redactions_hash in connection.execute(select(*columns).order_by(AuditArchivedErasure.person_id)):
        yield person_id.hex, redactions_hash


def hash_of_erasures(connection: Connection) -> str:
    """Return the hash of all archived erasures. The record `audit.archived` has it."""
    digest = sha256()
    for person_id, redactions_hash in archived_erasures(connection):
        digest.update(f"{person_id} {redactions_hash or '-'}\n".encode())
    return digest.hexdigest()


def hash_of_heads(heads: StoredHeads) -> str:
    return sha256(compact_json(sorted(heads.items())).encode()).hexdigest()


def archived_names_of(person_id: UUID) -> set[str]:
    return set(db.session.scalars(select(AuditArchivedName.name).where(AuditArchivedName.person_id == person_id)))


def erase_from_archives(person_id: UUID) -> None:
    """Drop the key of the person's data in all archives. Call it in the transaction that erases the person.

    A row without a key stays. So an archive that is being written creates no new key for the person.
    """
    dropped = insert_into(AuditArchiveKey).values(person_id=person_id, key=None)
    db.session.execute(dropped.on_conflict_do_update(index_elements=["person_id"], set_={"key": None}))
    names: Table = AuditArchivedName.__table__  # type: ignore[assignment]  # typed as FromClause
    db.session.execute(delete(names).where(names.c.person_id == person_id))
