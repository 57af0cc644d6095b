"""Tables of archives: the files, the keys of the personal data in them, and what `audit verify` needs from them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.audit.chain import HASH_LENGTH
from webapp.audit.findings import Head
from webapp.audit.models import LABEL_MAX
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

# Shard → [seq, hash] of its last record.
StoredHeads = dict[str, list[int | str]]


class AuditArchive(Model):
    """A file with the records of all shards after `starts`, up to `ends`. All of them are older than `before`.

    It is being written until `sealed_at`. Then its records are removed, until `finished_at`. The `ends` of the newest
    sealed archive are the anchors: the chains in the database begin after them.
    """

    __tablename__ = "audit_archives"
    # Two archives at the same time: one of them fails.
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    path: Mapped[str] = mapped_column(Text)
    before: Mapped[datetime] = mapped_column(Instant)
    records: Mapped[int] = mapped_column(BigInteger)
    starts: Mapped[StoredHeads] = mapped_column(JSON)
    ends: Mapped[StoredHeads] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    encrypted: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int | None] = mapped_column(BigInteger)
    file_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    sealed_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def state(self) -> str:
        """`writing`, `removing` or `finished`."""
        return "finished" if self.finished_at else "removing" if self.sealed_at else "writing"

    @property
    def file(self) -> str:
        """The name of the file, without its folder."""
        return self.path.rpartition("/")[2]


class AuditArchiveKey(Model):
    """The key of the personal data of one person in all archives. None: the person is erased, and so is the data."""

    __tablename__ = "audit_archive_keys"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditArchivedErasure(Model):
    """An archived record `user.purged`: records that are not archived may have been erased or redacted by it."""

    __tablename__ = "audit_archived_erasures"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    redactions_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH))


class AuditArchivedName(Model):
    """A name under which a person made archived changes of others. An erasure replaces it on the rows of the others."""

    __tablename__ = "audit_archived_names"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LABEL_MAX), primary_key=True)


def to_stored(heads: dict[int, Head]) -> StoredHeads:
    return {str(shard): [head.seq, head.hash] for shard, head in sorted(heads.items())}


def to_heads(stored: StoredHeads) -> dict[int, Head]:
    return {int(shard): Head(int(seq), str(hash_)) for shard, (seq, hash_) in stored.items()}
