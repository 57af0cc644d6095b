"""The table of the sizes of groups."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db.session import Model
from webapp.db.types import Instant


class GroupCount(Model):
    """How many people a group had at the moment `at`. `total` includes the groups inside it; people count once."""

    __tablename__ = "group_counts"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    direct: Mapped[int]
    total: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
