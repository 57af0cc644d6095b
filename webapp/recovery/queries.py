"""Named reads of recovery: what a link needs, and how many resets someone may still ask for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from limits import parse
from sqlalchemy import func, select

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.db.session import db
from webapp.invitations.queries import InvitationState, invitation_of
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.settings import UNLIMITED
from webapp.users.models import FormerIdentity, User

# The page of the request offers to send another e-mail after this time.
RESEND_AFTER = timedelta(seconds=60)


def link_address(page: str, token: str) -> str:
    """Return the address of a link in an e-mail."""
    return f"{current_settings().base_url}/{page}?token={token}"


def needs_second_factor(user: User) -> bool:
    """Whether a reset asks for the second factor before the new password."""
    return user.second_factor_at is not None


def may_request(kind: TokenKind, user_id: UUID) -> bool:
    """Whether RESET_LIMIT allows the person another link of this kind, and the last one is RESEND_AFTER ago."""
    limit = current_settings().reset_limit
    if limit == UNLIMITED:
        return True
    allowed = parse(limit)
    period = timedelta(seconds=allowed.get_expiry())
    return _issued(kind, user_id, RESEND_AFTER) == 0 and _issued(kind, user_id, period) < allowed.amount


def _issued(kind: TokenKind, user_id: UUID, period: timedelta) -> int:
    query = select(func.count()).where(
        OneTimeToken.user_id == user_id, OneTimeToken.kind == kind, OneTimeToken.created_at > now() - period
    )
    return db.session.scalar(query) or 0


def can_be_invited(user_id: UUID) -> bool:
    """Whether the person was invited, and may still accept, also with a link that has expired."""
    found = invitation_of(user_id)
    return found is not None and (found.is_open or found.state == InvitationState.EXPIRED)


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
    notified = notice.data.get("email")
    return notified == user.email if notified else not _has_changed_email(user.id, since=notice.created_at)


def _has_changed_email(user_id: UUID, *, since: datetime) -> bool:
    """Whether the person got another e-mail address after that moment."""
    query = select(FormerIdentity.id).where(
        FormerIdentity.user_id == user_id, FormerIdentity.kind == "email", FormerIdentity.until > since
    )
    return db.session.scalar(query.limit(1)) is not None
