"""Tables of keys, of likely pairs and of merges."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

_OPEN = text("dismissed_at IS NULL")


class DuplicateKey(Model):
    """A hash of something that few people share. The job writes this table, and empties it when it is done."""

    __tablename__ = "duplicate_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)


class DuplicatePair(Model):
    """Two accounts that may be those of one person. `one_id` is smaller than `other_id`.

    `evidence` has the tokens of `likeness.Evidence`, `strength` is from 1 to 100. `run` is the run of the job that
    found the pair last. `dismissed_at`: someone said that these are different people, knowing `dismissed_evidence`.
    """

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        Index(None, "other_id"),
        Index(None, "strength", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    one_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    strength: Mapped[int]
    evidence: Mapped[list[str]] = mapped_column(JSON)
    run: Mapped[int] = mapped_column(BigInteger)
    dismissed_at: Mapped[datetime | None] = mapped_column(Instant)
    dismissed_evidence: Mapped[list[str]] = mapped_column(JSON, default=list)

    @property
    def user_ids(self) -> tuple[UUID, UUID]:
        return self.one_id, self.other_id


class UserMerge(Model):
    """A merge of two accounts, with what its undo needs besides the audit records. `id` is their batch ID.

    `note_ids` are the notes that were moved, `former_ids` the former names that the kept account got.
    """

    __tablename__ = "user_merges"
    __table_args__ = (Index(None, "kept_id"), Index(None, "merged_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    merged_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    note_ids: Mapped[list[str]] = mapped_column(JSON)
    former_ids: Mapped[list[str]] = mapped_column(JSON)
