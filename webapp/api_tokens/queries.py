"""Named reads of API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import contains_eager

from webapp.access.group_tree import member_ids_in
from webapp.api_tokens.models import PREFIX_LENGTH, ApiToken, TokenState
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.users.models import User
from webapp.users.queries import parse_uuid

SORTS = {"created": ApiToken.id, "expires": ApiToken.expires_at}
NOTICE_DAYS = (1, 7)


def token_order(sort: str) -> Order:
    """Return the order of this name, as in SORTS. A minus before it means descending."""
    return Order.of(sort, SORTS, ApiToken.id)


def list_tokens(
    *, user_id: UUID | None = None, state: TokenState | None = None, prefix: str = "", reaches: Sequence[Reach] = ()
) -> Select[ApiToken]:
    """Select tokens with their users: of one user, in this state, that begin with `prefix`.

    Only those of people in each of `reaches`.
    """
    query = select(ApiToken).join(ApiToken.user).options(contains_eager(ApiToken.user))
    if user_id is not None:
        query = query.where(ApiToken.user_id == user_id)
    for groups in reaches:
        if groups is not None:
            query = query.where(ApiToken.user_id.in_(member_ids_in(groups)))
    if prefix:
        query = query.where(begins_with(prefix))
    return query.where(_is_in(state, now())) if state else query


def begins_with(text: str) -> ColumnElement[bool]:
    """Return the condition that a token begins with this text, which can be a whole token."""
    start = text[:PREFIX_LENGTH]
    # Tokens are ASCII, so a range of the index has all of them.
    return and_(ApiToken.prefix >= start, ApiToken.prefix < start + "\x7f")


def _is_in(state: TokenState, moment: datetime) -> ColumnElement[bool]:
    """Return the same as `ApiToken.state`, in SQL."""
    revoked = or_(ApiToken.revoked_at.is_not(None), ApiToken.created_at < User.tokens_since)
    if state is TokenState.REVOKED:
        return revoked
    kept = and_(
        ApiToken.revoked_at.is_(None), or_(User.tokens_since.is_(None), ApiToken.created_at >= User.tokens_since)
    )
    return and_(kept, ApiToken.expires_at > moment if state is TokenState.ACTIVE else ApiToken.expires_at <= moment)


def get_token(token_id: UUID, *, user_id: UUID | None = None) -> ApiToken:
    """Return the token. Raise NotFound if there is none, or none of this user."""
    token = db.session.get(ApiToken, token_id)
    if token is None or user_id not in {None, token.user_id}:
        raise token_not_found()
    return token


def get_token_by_reference(text: str) -> ApiToken:
    """Return the token with this ID, or the only one that begins with this text. Raise NotFound or Invalid."""
    token_id = parse_uuid(text)
    if token_id is not None:
        return get_token(token_id)
    if not text.isascii() or not text.isprintable() or not text:
        raise token_not_found()
    found = list(db.session.scalars(list_tokens(prefix=text).limit(2)))
    if not found:
        raise token_not_found()
    if len(found) > 1:
        raise Invalid(_("Several tokens begin like this. Use the ID of the token."), field="token", code="ambiguous")
    return found[0]


def lock_token(token_id: UUID) -> ApiToken:
    """Return the token as it is now, locked until the end of the transaction. Raise NotFound."""
    token = db.session.get(ApiToken, token_id, with_for_update={"of": ApiToken}, populate_existing=True)
    if token is None:
        raise token_not_found()
    return token


def expiring_tokens(limit: int) -> list[ApiToken]:
    """Return tokens whose owners must get a notice that they expire soon, those that expire first first."""
    moment = now()
    due: list[Any] = [
        and_(
            ApiToken.expires_at <= moment + timedelta(days=days),
            or_(ApiToken.expiry_notice_days.is_(None), ApiToken.expiry_notice_days > days),
        )
        for days in NOTICE_DAYS
    ]
    query = list_tokens(state=TokenState.ACTIVE).where(or_(*due)).order_by(ApiToken.expires_at, ApiToken.id)
    query = query.where(ApiToken.expires_at <= moment + timedelta(days=max(NOTICE_DAYS)))
    return list(db.session.scalars(query.limit(limit)))


def token_not_found() -> NotFound:
    return NotFound(_("This token does not exist"))
