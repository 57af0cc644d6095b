"""Tables of audit records, of their erasable details and of the heads of the chains."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, aliased, column_property, foreign, mapped_column, relationship, remote

from webapp.audit.chain import HASH_LENGTH
from webapp.db.session import Model
from webapp.db.types import Instant, JsonText

LABEL_MAX = 254
ACTION_MAX = 64
ADDRESS_MAX = 64
REQUEST_MAX = 64
REASON_MAX = 500
# The field of a record `user.purged` with the hash of all redactions that the erasure made.
REDACTIONS_HASH = "redactions_hash"
# The fields of a record `audit.archived` that `audit verify` compares.
ARCHIVE_NUMBER, FILE_HASH, HEADS_HASH, ERASURES_HASH = "archive_number", "file_hash", "heads_hash", "erasures_hash"


class AuditRecord(Model):
    """One change of one subject. Records are never updated. Only an archive removes them, when its file is complete.

    `fields` has the names of the changed fields; on PostgreSQL a migration gives it a GIN index. `undoes_id` is the
    record that this one undoes. Records of one `grouped_changes` share `batch_id`. `undone_by_id` is the record that
    undoes this one.
    """

    __tablename__ = "audit_records"
    __table_args__ = (
        UniqueConstraint("shard", "seq"),
        Index(None, "subject_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "action", "id"),
        # If two people undo the same record at the same time, one of them fails.
        Index(
            "uq_audit_records_undoes_id",
            "undoes_id",
            unique=True,
            postgresql_where=text("undoes_id IS NOT NULL"),
            sqlite_where=text("undoes_id IS NOT NULL"),
        ),
        Index(
            None,
            "batch_id",
            "id",
            postgresql_where=text("batch_id IS NOT NULL"),
            sqlite_where=text("batch_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    action: Mapped[str] = mapped_column(String(ACTION_MAX))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID]
    request_id: Mapped[str] = mapped_column(String(REQUEST_MAX))
    fields: Mapped[list[str]] = mapped_column(JSON().with_variant(ARRAY(Text), "postgresql"))
    undoes_id: Mapped[UUID | None]
    batch_id: Mapped[UUID | None]
    shard: Mapped[int]
    seq: Mapped[int]
    details_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))

    details: Mapped[AuditDetails | None] = relationship(
        primaryjoin=lambda: AuditRecord.id == foreign(remote(AuditDetails.record_id)), lazy="joined", viewonly=True
    )

    if TYPE_CHECKING:
        undone_by_id: Mapped[UUID | None]

    @property
    def erased(self) -> bool:
        """Whether the details were deleted because a person was erased."""
        return self.details is None

    @property
    def changes(self) -> dict[str, Any]:
        """Field → [before, after], without secrets."""
        return self.details.changes if self.details else {}

    @property
    def actor_label(self) -> str:
        return self.details.actor_label if self.details else ""

    @property
    def subject_label(self) -> str:
        return self.details.subject_label if self.details else ""

    @property
    def address(self) -> str:
        return self.details.address if self.details else ""

    @property
    def reason(self) -> str:
        return self.details.reason if self.details else ""


class AuditDetails(Model):
    """The parts of a record that hold personal data. The record keeps their hash.

    Erasing a person deletes them, or replaces the name of the actor (see `AuditRedaction`).
    """

    __tablename__ = "audit_details"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_label: Mapped[str] = mapped_column(String(LABEL_MAX))
    subject_label: Mapped[str] = mapped_column(String(LABEL_MAX))
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX))
    changes: Mapped[dict[str, Any]] = mapped_column(JsonText)
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    # Without a salt, `details_hash` would confirm a guessed name after the details are erased.
    salt: Mapped[str] = mapped_column(String(32))


class AuditRedaction(Model):
    """The hash of details in which the name of an erased actor was replaced by a pseudonym. Never deleted.

    `actor_id` is that of the record, which may be archived. None: an older version of Rollcall wrote the row.
    """

    __tablename__ = "audit_redactions"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    details_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    actor_id: Mapped[UUID | None]


class AuditHead(Model):
    """The last record of a shard."""

    __tablename__ = "audit_heads"

    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))


_later = aliased(AuditRecord)
AuditRecord.undone_by_id = column_property(
    select(_later.id).where(_later.undoes_id == AuditRecord.id).correlate_except(_later).scalar_subquery()
)
