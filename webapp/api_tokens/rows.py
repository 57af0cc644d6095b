"""Tokens as templates print them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from webapp.api_tokens.labels import STATE_LABELS, permission_label
from webapp.api_tokens.models import TOKEN_PREFIX, ApiToken, TokenState
from webapp.db.session import db
from webapp.users.models import User

# So many permissions are listed at once.
SHORT = 3


@dataclass(frozen=True)
class TokenRow:
    """`permissions` is None if the token has all permissions of its owner. `created_by`: another person than it."""

    token: ApiToken
    state: str
    begins: str
    permissions: list[str] | None
    created_by: str

    @property
    def is_active(self) -> bool:
        return self.token.state is TokenState.ACTIVE

    @property
    def is_short(self) -> bool:
        return len(self.permissions or ()) <= SHORT

    @property
    def can_rotate(self) -> bool:
        return self.is_active and self.token.rotated_at is None


def token_rows(tokens: Sequence[ApiToken]) -> list[TokenRow]:
    """Return a row for each token. One statement, or none if the owners created all tokens."""
    names = _creator_names({token.created_by_id for token in tokens if token.created_by_id != token.user_id} - {None})
    return [
        TokenRow(
            token,
            str(STATE_LABELS[token.state]),
            token.prefix or TOKEN_PREFIX,
            None if token.scopes is None else [str(permission_label(name)) for name in token.scopes],
            names.get(token.created_by_id, "") if token.created_by_id != token.user_id else "",
        )
        for token in tokens
    ]


def token_row(token: ApiToken) -> TokenRow:
    return token_rows([token])[0]


def _creator_names(ids: set[UUID | None]) -> dict[UUID | None, str]:
    if not ids:
        return {}
    return {row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))}
