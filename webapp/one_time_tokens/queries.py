"""Named reads of one-time tokens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from webapp.core.tokens import token_hash
from webapp.db.session import db
from webapp.one_time_tokens.models import OneTimeToken, TokenKind, TokenState


def find_token(token: str, *kinds: TokenKind) -> OneTimeToken | None:
    """Return the row of a token of one of these kinds, in any state. Return None if there is none."""
    return db.session.scalars(
        select(OneTimeToken).where(OneTimeToken.token_hash == token_hash(token), OneTimeToken.kind.in_(kinds))
    ).first()


def current_token(user_id: UUID, kind: TokenKind) -> OneTimeToken | None:
    """Return the newest token of a SINGLE kind that the person has, in any state but REPLACED."""
    return db.session.scalars(
        select(OneTimeToken).where(
            OneTimeToken.user_id == user_id, OneTimeToken.kind == kind, OneTimeToken.replaced_at.is_(None)
        )
    ).first()


def open_token(user_id: UUID, kind: TokenKind) -> OneTimeToken | None:
    """Return the person's token of a SINGLE kind that still works."""
    row = current_token(user_id, kind)
    return row if row is not None and row.state == TokenState.VALID else None
