"""Checks of what an actor may do with API tokens. Call them in the transaction of the change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from webapp.access.checks import check_user_action
from webapp.access.powers import powers_of
from webapp.api_tokens.address_ranges import covers
from webapp.api_tokens.models import DAYS_DEFAULT, DAYS_MAX, OVERLAP_HOURS_MAX, TOKEN_NAME_MAX, ApiToken
from webapp.api_tokens.queries import token_not_found
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.db.session import db


def check_can_create(by: Actor, user_id: UUID) -> None:
    """Check that `by` may create tokens of this person: their own, or with `tokens.manage` or `users.reset`."""
    if by.id == user_id:
        return
    try:
        check_user_action(by, Permission.TOKENS_MANAGE, user_id=user_id)
    except Forbidden:
        check_user_action(by, Permission.USERS_RESET, user_id=user_id)


def check_can_change(by: Actor, token: ApiToken) -> None:
    """Check that `by` may revoke or rotate this token. A limited token cannot change tokens that can do more."""
    try:
        check_can_create(by, token.user_id)
    except NotFound:
        raise token_not_found() from None
    permissions = token.permissions
    if by.scopes is not None and (permissions is None or permissions - by.scopes):
        raise Forbidden(_("This API token cannot change a token that has more permissions"))


def own_token(by: Actor) -> ApiToken | None:
    """Return the token that makes the request."""
    return db.session.get(ApiToken, by.token_id) if by.token_id else None


def checked_name(name: str) -> str:
    name = clean_text(name, field="name")
    if not 0 < len(name) <= TOKEN_NAME_MAX:
        raise Invalid(_("Enter a token name of 1 to %(max)s characters", max=TOKEN_NAME_MAX), field="name")
    return name


def check_days(days: int | None) -> None:
    if days is not None and not 1 <= days <= DAYS_MAX:
        raise Invalid(_("A token can be valid for 1 to %(max)s days", max=DAYS_MAX), field="days", code="out_of_range")


def checked_end(days: int | None, parent: ApiToken | None) -> datetime:
    """Return when a new token ends. By default after DAYS_DEFAULT, but not after the token that creates it."""
    end = now() + timedelta(days=DAYS_DEFAULT if days is None else days)
    if parent is None or end <= parent.expires_at:
        return end
    if days is None:
        return parent.expires_at
    message = _("A token cannot create a token that expires later than itself")
    raise Invalid(message, field="days", code="later_than_token")


def checked_scopes(scopes: Collection[str] | None, *, user_id: UUID, by: Actor) -> list[str] | None:
    """Return the scopes of a new token in the order of Permission. None: all permissions of its user.

    Raise Invalid if there is no such permission, or if the user or the token that creates it does not have it.
    """
    if scopes is None:
        return None if by.scopes is None else [each.value for each in Permission if each in by.scopes]
    if unknown := sorted(set(scopes) - set(Permission)):
        message = _("There is no permission “%(name)s”", name=unknown[0][:TOKEN_NAME_MAX])
        raise Invalid(message, field="scopes", code="unknown")
    powers = powers_of(user_id).limited_to(by.scopes)
    wanted = [permission for permission in Permission if permission in scopes]
    if lacking := [each.value for each in wanted if not powers.can(each)]:
        message = _("A token cannot have permissions that its owner lacks: %(names)s", names=", ".join(lacking))
        raise Invalid(message, field="scopes", code="not_held")
    return [permission.value for permission in wanted]


def checked_ranges(ranges: Sequence[str] | None, parent: ApiToken | None) -> list[str] | None:
    """Return the address ranges of a new token: by default those of the token that creates it."""
    outer = parent.address_ranges if parent else None
    if ranges is None:
        return outer
    if not covers(outer, ranges):
        message = _("A token cannot create a token that works from other addresses than itself")
        raise Invalid(message, field="addresses", code="outside")
    return list(ranges)


def check_overlap(hours: int) -> None:
    if not 0 <= hours <= OVERLAP_HOURS_MAX:
        message = _("Enter a number of hours from 0 to %(max)s", max=OVERLAP_HOURS_MAX)
        raise Invalid(message, field="overlap_hours", code="out_of_range")
