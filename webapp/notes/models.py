"""The table of notes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant
from webapp.users.models import NAME_MAX

NOTE_MAX = 10_000
_DELETED = text("deleted_at IS NOT NULL")


class Note(Model):
    """A text that staff wrote about a person. `deleted_at`: it is kept for a while to undo the deletion."""

    __tablename__ = "user_notes"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "author_id"),
        Index(None, "deleted_at", "id", postgresql_where=_DELETED, sqlite_where=_DELETED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    # NULL: a program wrote it, or its author was erased.
    author_id: Mapped[UUID | None]
    author_name: Mapped[str] = mapped_column(String(NAME_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
