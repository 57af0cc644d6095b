"""The table of one-time tokens, and how long each kind is valid."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

NAME_MAX = 254


class TokenKind(StrEnum):
    """What a token is for. ONE_TIME_PASS stands in for all factors of a person. SIGN_IN waits for a second factor."""

    INVITATION = "invitation"
    RESET = "reset"
    ONE_TIME_PASS = "one_time_pass"
    EMAIL_CHANGE = "email_change"
    NOT_ME = "not_me"
    SIGN_IN = "sign_in"


LIFETIMES = {
    TokenKind.INVITATION: timedelta(hours=72),
    TokenKind.RESET: timedelta(minutes=30),
    TokenKind.ONE_TIME_PASS: timedelta(minutes=15),
    TokenKind.EMAIL_CHANGE: timedelta(hours=24),
    TokenKind.NOT_ME: timedelta(days=7),
    TokenKind.SIGN_IN: timedelta(minutes=10),
}
# Kinds of which only the newest token of a person works. Every notice has a link of its own, as has every sign-in.
SINGLE = frozenset(TokenKind) - {TokenKind.NOT_ME, TokenKind.SIGN_IN}
# Kinds that let their holder in. They end when the password or the address changes.
GIVE_ACCESS = frozenset(TokenKind) - {TokenKind.NOT_ME}
_CURRENT = text("replaced_at IS NULL AND kind IN ('email_change', 'invitation', 'one_time_pass', 'reset')")


class TokenState(StrEnum):
    VALID = "valid"
    USED = "used"
    REPLACED = "replaced"
    REVOKED = "revoked"
    EXPIRED = "expired"


class OneTimeToken(Model):
    """A token of a link. The table holds only the SHA-256 of its 256 bits.

    `email_key` is the address that the token was sent to. The row of the newest token of a SINGLE kind has no
    `replaced_at`.
    """

    __tablename__ = "one_time_tokens"
    __table_args__ = (
        Index(
            "uq_one_time_tokens_user_id_kind",
            "user_id",
            "kind",
            unique=True,
            postgresql_where=_CURRENT,
            sqlite_where=_CURRENT,
        ),
        Index(None, "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    created_by_id: Mapped[UUID | None]
    created_by_name: Mapped[str] = mapped_column(String(NAME_MAX), default="")
    # The e-mail with the link.
    mail_id: Mapped[UUID | None]
    # What the kind needs: the new address of an e-mail change, for example.
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def state(self) -> TokenState:
        """Return why the token works no more, in the order in which it matters to people, or VALID."""
        if self.used_at:
            return TokenState.USED
        if self.revoked_at:
            return TokenState.REVOKED
        if self.replaced_at:
            return TokenState.REPLACED
        return TokenState.EXPIRED if self.expires_at <= now() else TokenState.VALID
