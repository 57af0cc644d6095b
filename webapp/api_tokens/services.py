"""Create and check API tokens."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from webapp.access.checks import check_user_action
from webapp.api_tokens.models import TOKEN_NAME_MAX, TOKEN_PREFIX, ApiToken
from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor, Permission
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.core.tokens import new_token, token_hash
from webapp.db.session import db
from webapp.db.transactions import record_last_use, transaction
from webapp.users.models import User

DAYS_DEFAULT = 90
DAYS_MAX = 366
# The shortest interval between two updates of `last_used_at`.
LAST_USE_INTERVAL = timedelta(minutes=1)


def create_token(user: User, *, name: str, by: Actor, days: int = DAYS_DEFAULT) -> str:
    """Create a token that is valid for `days` days and return it. It cannot be read later.

    Raise Invalid, or Forbidden for a token of somebody else without `users.reset`.
    """
    name = clean_text(name, field="name")
    if not 0 < len(name) <= TOKEN_NAME_MAX:
        raise Invalid(_("Enter a token name of 1 to %(max)s characters", max=TOKEN_NAME_MAX), field="name")
    if not 1 <= days <= DAYS_MAX:
        raise Invalid(_("A token can be valid for 1 to %(max)s days", max=DAYS_MAX), field="days")
    token = new_token(TOKEN_PREFIX)
    with transaction():
        if by.id != user.id:
            check_user_action(by, Permission.USERS_RESET, user_id=user.id)
        row = ApiToken(
            user_id=user.id, name=name, token_hash=token_hash(token), expires_at=now() + timedelta(days=days)
        )
        db.session.add(row)
        record(Action.TOKEN_CREATED, subject=user, by=by, changes={"token": (None, name)})
    return token


def find_live_token(token: str) -> ApiToken | None:
    """Return the token with its user, or None if it is unknown or expired.

    None also if the user cannot sign in, or was deactivated after the token was created.
    """
    if not token.startswith(TOKEN_PREFIX):
        return None
    row = db.session.scalars(select(ApiToken).where(ApiToken.token_hash == token_hash(token))).first()
    if row is None or row.expires_at <= now() or not row.user.can_sign_in:
        return None
    if row.user.tokens_since and row.created_at < row.user.tokens_since:
        return None
    if row.last_used_at is None or row.last_used_at < now() - LAST_USE_INTERVAL:
        record_last_use(ApiToken, row.id)
    return row
