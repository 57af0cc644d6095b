"""Named reads of one-time tokens."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from limits import parse
from sqlalchemy import func, select

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.tokens import token_hash
from webapp.db.session import db
from webapp.one_time_tokens.models import OneTimeToken, TokenKind, TokenState
from webapp.settings import UNLIMITED

# People can ask for another link after this time.
ASK_AFTER = timedelta(seconds=60)


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


def may_ask_again(user_id: UUID, kind: TokenKind) -> bool:
    """Whether RESET_LIMIT allows the person another link of this kind, and the last one is ASK_AFTER ago."""
    limit = current_settings().reset_limit
    if limit == UNLIMITED:
        return True
    allowed = parse(limit)
    period = timedelta(seconds=allowed.get_expiry())
    return _issued(user_id, kind, ASK_AFTER) == 0 and _issued(user_id, kind, period) < allowed.amount


def _issued(user_id: UUID, kind: TokenKind, period: timedelta) -> int:
    query = select(func.count()).where(
        OneTimeToken.user_id == user_id, OneTimeToken.kind == kind, OneTimeToken.created_at > now() - period
    )
    return db.session.scalar(query) or 0
