"""Changes of e-mail addresses in JSON."""

from __future__ import annotations

from typing import Self

from webapp.core.schemas import Schema, UtcTime
from webapp.one_time_tokens.models import OneTimeToken


class EmailChangeOut(Schema):
    """A new e-mail address that waits for its confirmation."""

    email: str
    created_at: UtcTime
    expires_at: UtcTime

    @classmethod
    def of(cls, token: OneTimeToken) -> Self:
        return cls(email=str(token.data["email"]), created_at=token.created_at, expires_at=token.expires_at)
