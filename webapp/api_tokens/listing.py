"""Which tokens a request can see. Pages and API use it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_login import current_user
from sqlalchemy import Select

from webapp.api_tokens.models import ApiToken
from webapp.api_tokens.queries import get_token, list_tokens, token_not_found, token_order
from webapp.api_tokens.schemas import TokenListQuery
from webapp.core.errors import Forbidden
from webapp.core.permissions import Permission, Reach
from webapp.core.texts import _
from webapp.lists.page import Page, paginate
from webapp.users.models import User
from webapp.users.queries import get_user_by_identifier, is_in_reach
from webapp.web.guards import can, reach


def token_page(query: TokenListQuery) -> Page[ApiToken]:
    """Return a page of tokens that the caller can see: with `tokens.manage` not only their own.

    Raise NotFound if the caller does not see the owner, or Forbidden without `tokens.manage`.
    """
    return paginate(_visible_tokens(query), token_order(query.sort), query.window)


def own_token_page(query: TokenListQuery) -> Page[ApiToken]:
    rows = list_tokens(user_id=current_user.id, state=query.token_state, prefix=query.prefix)
    return paginate(rows, token_order(query.sort), query.window)


def owner_of(name: str) -> User:
    """Return the person with this e-mail address, username or ID, or the caller if it is empty. Raise NotFound."""
    if not name:
        own: User = current_user.user
        return own
    return get_user_by_identifier(name, reach=reach(Permission.USERS_READ))


def visible_token(token_id: UUID) -> ApiToken:
    """Return a token of the caller, or one that they manage. Raise NotFound."""
    token = get_token(token_id)
    if token.user_id != current_user.id and not all(is_in_reach(token.user_id, each) for each in managed_reaches()):
        raise token_not_found()
    return token


def managed_reaches() -> tuple[Reach, ...]:
    """Return whose tokens the caller manages: people who are in the reach of both permissions."""
    return reach(Permission.TOKENS_MANAGE), reach(Permission.USERS_READ)


def _visible_tokens(query: TokenListQuery) -> Select[ApiToken]:
    filters: Any = {"state": query.token_state, "prefix": query.prefix}
    owner = owner_of(query.owner) if query.owner else None
    if owner and owner.id == current_user.id:
        return list_tokens(user_id=owner.id, **filters)
    if can(Permission.TOKENS_MANAGE):
        return list_tokens(user_id=owner.id if owner else None, reaches=managed_reaches(), **filters)
    if owner:
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))
    return list_tokens(user_id=current_user.id, **filters)
