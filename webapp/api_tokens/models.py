"""API tokens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.permissions import Permission, permissions_named
from webapp.db.session import Model
from webapp.db.types import Instant, key_string
from webapp.users.models import User

TOKEN_NAME_MAX = 100
TOKEN_PREFIX = "rc_"
# These first characters of a token are stored and shown. They find a leaked token and cannot be used.
PREFIX_LENGTH = 11
DAYS_DEFAULT = 90
DAYS_MAX = 366
RANGES_MAX = 20
OVERLAP_HOURS_DEFAULT = 24
OVERLAP_HOURS_MAX = 168
ADDRESS_MAX = 64

_REVOKED = text("revoked_at IS NOT NULL")


class TokenState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ApiToken(Model):
    """A token with the permissions of its user, or some of them. Only the SHA-256 of the token is stored."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index("ix_api_tokens_user_id_id", "user_id", "id"),
        Index("ix_api_tokens_prefix", "prefix"),
        Index("ix_api_tokens_expires_at_id", "expires_at", "id"),
        Index("ix_api_tokens_revoked_id", "id", postgresql_where=_REVOKED, sqlite_where=_REVOKED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(TOKEN_NAME_MAX))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # NULL: an older version of Rollcall created the token.
    prefix: Mapped[str | None] = mapped_column(key_string(PREFIX_LENGTH))
    # Names of permissions. NULL: all permissions of the user.
    scopes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    # Networks in CIDR notation from which the token works. NULL: from everywhere.
    address_ranges: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    # The person who created it. Not a foreign key, because the token outlives them.
    created_by_id: Mapped[UUID | None]
    expires_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_address: Mapped[str | None] = mapped_column(String(ADDRESS_MAX))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    # When a new token replaced it. It works until `expires_at`, so that programs can change over.
    rotated_at: Mapped[datetime | None] = mapped_column(Instant)
    # Owners got the notice that is due this number of days before the end, or need none.
    expiry_notice_days: Mapped[int | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @property
    def permissions(self) -> frozenset[Permission] | None:
        """The permissions that the token is limited to. None: it has all permissions of its user."""
        return permissions_named(self.scopes)

    @property
    def caller_label(self) -> str:
        """The name of the token's caller in the audit trail."""
        return f"{self.user.name} · {self.name}"

    @property
    def state(self) -> TokenState:
        ended_since = self.user.tokens_since
        if self.revoked_at or (ended_since and self.created_at < ended_since):
            return TokenState.REVOKED
        return TokenState.EXPIRED if self.expires_at <= now() else TokenState.ACTIVE
