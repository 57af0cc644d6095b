"""Named reads of recovery: what a link needs, and who may unlock an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from webapp.core.context import current_settings
from webapp.core.text import caseless_key
from webapp.db.session import db
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.users.models import FormerIdentity, User


def link_address(page: str, token: str) -> str:
    """Return the address of a link in an e-mail."""
    return f"{current_settings().base_url}/{page}?token={token}"


def needs_second_factor(user: User) -> bool:
    """Whether a reset asks for the second factor before the new password."""
    return user.second_factor_at is not None


def may_unlock(user: User) -> bool:
    """Whether an e-mail may let the person in who locked the account. Not to an address that it got since the notice.

    An intruder may have that one. Accounts that are not locked need no unlocking.
    """
    if user.locked_at is None:
        return True
    used = (OneTimeToken.user_id == user.id, OneTimeToken.kind == TokenKind.NOT_ME, OneTimeToken.used_at.is_not(None))
    notice = db.session.scalars(select(OneTimeToken).where(*used).order_by(OneTimeToken.used_at.desc())).first()
    if notice is None:
        return False
    if notified := notice.data.get("email"):
        return caseless_key(notified) == caseless_key(user.email)
    return not _has_changed_email(user.id, since=notice.created_at)


def _has_changed_email(user_id: UUID, *, since: datetime) -> bool:
    """Whether the person got another e-mail address after that moment."""
    query = select(FormerIdentity.id).where(
        FormerIdentity.user_id == user_id, FormerIdentity.kind == "email", FormerIdentity.until > since
    )
    return db.session.scalar(query.limit(1)) is not None
