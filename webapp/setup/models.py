"""The table that records the set-up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.db.session import Model
from webapp.db.types import Instant

ONLY_ROW = 1


class Setup(Model):
    """The only allowed key is 1: of two simultaneous requests, the database refuses the second."""

    __tablename__ = "setup"
    __table_args__ = (CheckConstraint(f"id = {ONLY_ROW}", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=ONLY_ROW, autoincrement=False)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    done_at: Mapped[datetime] = mapped_column(Instant, default=now)
