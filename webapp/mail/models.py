"""The outbox of e-mails."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

ADDRESS_MAX = 254
SUBJECT_MAX = 200


class Mail(Model):
    """An e-mail in the outbox. `sent_at` is set when a server has accepted it."""

    __tablename__ = "mails"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    to: Mapped[str] = mapped_column(String(ADDRESS_MAX))
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
