"""The only entry point to changes of API tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from webapp.api_tokens.address_ranges import parse_ranges
from webapp.api_tokens.checks import (
    check_can_change,
    check_can_create,
    check_days,
    check_overlap,
    checked_end,
    checked_name,
    checked_ranges,
    checked_scopes,
    own_token,
)
from webapp.api_tokens.models import (
    DAYS_MAX,
    OVERLAP_HOURS_DEFAULT,
    PREFIX_LENGTH,
    TOKEN_PREFIX,
    ApiToken,
    TokenState,
)
from webapp.api_tokens.notices import send_expiry_notice
from webapp.api_tokens.queries import NOTICE_DAYS, lock_token
from webapp.audit.actions import Action
from webapp.audit.services import Changes, record
from webapp.core.clock import now
from webapp.core.errors import WrongState
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.core.tokens import new_token, token_hash
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.checks import collect_problems
from webapp.users.models import User

_DAY = timedelta(days=1)


class CreatedToken(NamedTuple):
    """A new token. `secret` is what programs send. It cannot be read later."""

    row: ApiToken
    secret: str


def create_token(
    user: User,
    *,
    name: str,
    by: Actor,
    days: int | None = None,
    scopes: Collection[str] | None = None,
    addresses: Iterable[str] = (),
) -> CreatedToken:
    """Create a token of this user. It is valid for `days` days, DAYS_DEFAULT by default.

    `scopes` are names of permissions, None for all permissions of the user. `addresses` are networks in CIDR notation,
    none for all. A token cannot create one that can do more than itself, or that ends later. Raise Invalid, or
    Forbidden for a token of someone else without `tokens.manage` or `users.reset`.
    """
    name, ranges, _checked = collect_problems(
        lambda: checked_name(name), lambda: parse_ranges(addresses), lambda: check_days(days)
    )
    with transaction():
        check_can_create(by, user.id)
        parent = own_token(by)
        values = {
            "scopes": checked_scopes(scopes, user_id=user.id, by=by),
            "address_ranges": checked_ranges(ranges, parent),
        }
        created = _add_token(user.id, name=name, expires_at=checked_end(days, parent), by=by, **values)
        record(Action.TOKEN_CREATED, subject=user, by=by, changes=_changes_of_new(created.row))
    return created


def _changes_of_new(row: ApiToken) -> Changes:
    limits = {"token_scopes": row.scopes, "token_addresses": row.address_ranges}
    values = {"token": row.name, "token_prefix": row.prefix} | {k: v for k, v in limits.items() if v is not None}
    return {field: (None, value) for field, value in values.items()}


@transaction()
def revoke_token(token_id: UUID, *, by: Actor) -> ApiToken:
    """End a token at its next request. Idempotent."""
    token = lock_token(token_id)
    check_can_change(by, token)
    if token.state is not TokenState.REVOKED:
        token.revoked_at = now()
        changes = {"token": (token.name, None), "token_prefix": (token.prefix, None)}
        record(Action.TOKEN_REVOKED, subject=token.user, by=by, changes=changes)
    return token


@transaction()
def rotate_token(
    token_id: UUID, *, by: Actor, overlap_hours: int = OVERLAP_HOURS_DEFAULT, days: int | None = None
) -> CreatedToken:
    """Replace a token by a new one that can do the same. The old one works for `overlap_hours` more hours.

    The new one is valid for as many days as the old one was, or for `days`. Raise WrongState if the token has ended or
    was replaced.
    """
    check_overlap(overlap_hours)
    check_days(days)
    token = lock_token(token_id)
    check_can_change(by, token)
    if token.state is not TokenState.ACTIVE or token.rotated_at:
        raise WrongState(_("This token has ended or was replaced"))
    parent = own_token(by)
    values = {"scopes": token.scopes, "address_ranges": checked_ranges(token.address_ranges, parent)}
    end = checked_end(days, parent) if days or parent else checked_end(_lifetime(token), None)
    created = _add_token(token.user_id, name=token.name, expires_at=end, by=by, **values)
    token.rotated_at = now()
    token.expires_at = min(token.expires_at, now() + timedelta(hours=overlap_hours))
    token.expiry_notice_days = min(NOTICE_DAYS)
    changes = {"token": (None, token.name), "token_prefix": (token.prefix, created.row.prefix)}
    record(Action.TOKEN_ROTATED, subject=token.user, by=by, changes=changes)
    return created


@transaction()
def notify_of_expiry(token_id: UUID, *, by: Actor) -> None:
    """Mail the owner that the token expires within a day or a week, once each. People who cannot sign in get none."""
    token = lock_token(token_id)
    days = notice_days(token.expires_at)
    if days is None or (token.expiry_notice_days is not None and token.expiry_notice_days <= days):
        return
    token.expiry_notice_days = days
    if token.state is TokenState.ACTIVE and token.user.can_sign_in:
        send_expiry_notice(token, days=days, by=by)


def notice_days(expires_at: datetime) -> int | None:
    """Return the smallest of NOTICE_DAYS within which the token expires, or None."""
    return min((days for days in NOTICE_DAYS if expires_at <= now() + days * _DAY), default=None)


def _lifetime(token: ApiToken) -> int:
    return min(max(1, round((token.expires_at - token.created_at) / _DAY)), DAYS_MAX)


def _add_token(user_id: UUID, *, name: str, expires_at: datetime, by: Actor, **values: Any) -> CreatedToken:
    secret = new_token(TOKEN_PREFIX)
    row = ApiToken(
        user_id=user_id,
        name=name,
        token_hash=token_hash(secret),
        prefix=secret[:PREFIX_LENGTH],
        created_by_id=by.id,
        expires_at=expires_at,
        # Tokens that are made for a week or a day need no notice at once.
        expiry_notice_days=notice_days(expires_at),
        **values,
    )
    db.session.add(row)
    db.session.flush()
    return CreatedToken(row, secret)
