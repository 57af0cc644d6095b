"""The tables of factors."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

PASSKEY_NAME_MAX = 100
# Longer ones are not valid (WebAuthn level 3, 5.8.3).
CREDENTIAL_ID_MAX = 1023
SEALED_MAX = 255
# More than anyone types as a code of an app or a recovery code.
CODE_MAX = 100


class Passkey(Model):
    """A WebAuthn credential. `is_synced`: it is backed up by its provider, so it is not bound to one device."""

    __tablename__ = "passkeys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(CREDENTIAL_ID_MAX), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    aaguid: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(PASSKEY_NAME_MAX))
    transports: Mapped[list[Any]] = mapped_column(JSON, default=list)
    is_synced: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class TotpFactor(Model):
    """The app that shows a person's one-time codes (RFC 6238). It counts once `confirmed_at` is set.

    `last_step` is the time step of the last accepted code: each code works once.
    """

    __tablename__ = "totp_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed_seed: Mapped[str] = mapped_column(String(SEALED_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Model):
    """A code that replaces the second factor once. The table holds only the SHA-256 of its 120 bits."""

    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
