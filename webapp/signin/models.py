"""Server-side sessions, the devices that people use, and failed attempts to sign in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant
from webapp.users.models import User

AGENT_MAX = 255
ADDRESS_MAX = 64


class EventKind(StrEnum):
    """The kinds of security events."""

    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_REFUSED = "sign_in.refused"
    SIGN_IN_DELAYED = "sign_in.delayed"
    SECOND_FACTOR_FAILED = "second_factor.failed"
    PASSKEY_FAILED = "passkey.failed"
    CONFIRMATION_FAILED = "confirmation.failed"


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
    device_id: Mapped[UUID | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class KnownDevice(Model):
    """A browser in which a person has signed in. Its cookie holds the token, the table the SHA-256.

    A sign-in from another device sends a notice. Failed attempts of strangers do not delay sign-ins from this one.
    """

    __tablename__ = "known_devices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(String(AGENT_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_used_at: Mapped[datetime] = mapped_column(Instant, default=now)


class SecurityEvent(Model):
    """A failed attempt to sign in, a refusal or a delay. `user_id` is NULL if no account was named.

    The ID holds the time. `seq` grows in the order of the commits (see `record_event`); the event stream follows it. A
    job keeps the number of rows bounded.
    """

    __tablename__ = "security_events"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "seq"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    # NULL: the version before recorded it. The event stream does not have it.
    seq: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant, default=now)
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX))
    agent: Mapped[str] = mapped_column(String(AGENT_MAX))
