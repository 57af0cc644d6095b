"""The table of photos. Beside that of users, so that lists load no pictures."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

DIGEST_LENGTH = 32
_CURRENT = text("removed_at IS NULL")
_REMOVED = text("removed_at IS NOT NULL")


class Photo(Model):
    """A square WebP image of a person. `removed_at`: a former photo, which is kept for a while to undo the change."""

    __tablename__ = "user_photos"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index("uq_user_photos_user_id", "user_id", unique=True, postgresql_where=_CURRENT, sqlite_where=_CURRENT),
        Index(None, "removed_at", "id", postgresql_where=_REMOVED, sqlite_where=_REMOVED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # The first half of the SHA-256 of the content.
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
