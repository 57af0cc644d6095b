"""Server-side sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant
from webapp.users.models import User

AGENT_MAX = 255
ADDRESS_MAX = 64


class UserSession(Model):
    """One sign-in in one browser. The table holds only the SHA-256 of its 256-bit token."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_used_at: Mapped[datetime] = mapped_column(Instant, default=now)
    # When the user last entered the password.
    confirmed_at: Mapped[datetime] = mapped_column(Instant, default=now)
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX))
    agent: Mapped[str] = mapped_column(String(AGENT_MAX))

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
