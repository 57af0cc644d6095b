"""Signs people in with a password."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import update

from webapp.core.errors import Busy, Invalid
from webapp.core.passwords import hash_password, needs_rehash, verify_password
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import issue_token
from webapp.signin.attempts import Attempt, find_attempt
from webapp.signin.events import record_event
from webapp.signin.models import EventKind
from webapp.signin.sessions import Client, person_at, start_client_session
from webapp.users.models import User

log = structlog.get_logger("rollcall.signin")


@dataclass(frozen=True)
class SignIn:
    """What a right password leads to: a session, or a token that waits for the second factor. The other is empty."""

    session_token: str = ""
    pending_token: str = ""


def sign_in(attempt: Attempt, *, password: str) -> SignIn:
    """Sign an active user in by password, unless they have a second factor.

    Raise Invalid with the same message and after the same time whether or not the account exists.
    """
    kind, client = EventKind.SIGN_IN_FAILED, attempt.client
    for _attempt in range(2):
        user_id, password_hash = attempt.user_id, attempt.password_hash
        if not verify_password(password_hash, password) or user_id is None or password_hash is None:
            break
        verified = _rehash_password(user_id, password_hash, password) if needs_rehash(password_hash) else password_hash
        with transaction():
            user = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
            if user is None or not user.can_sign_in:
                kind = EventKind.SIGN_IN_REFUSED
                break
            if user.password_hash == verified:
                return _first_step(user, client)
        # The password changed while its hash was computed, or another sign-in replaced the hash: compare once more.
        attempt = find_attempt(attempt.identifier, client)
    record_event(kind, user_id=user_id, address=client.address, agent=client.agent)
    log.info("sign_in.refused", user=str(user_id) if user_id else None, address=client.address)
    raise Invalid(_("The e-mail, username or password is wrong, or the account is not active"))


def record_lockout(attempt: Attempt) -> None:
    """Record that the failed attempts have used up the limit."""
    client = attempt.client
    record_event(EventKind.SIGN_IN_DELAYED, user_id=attempt.user_id, address=client.address, agent=client.agent)


def _first_step(user: User, client: Client) -> SignIn:
    if user.second_factor_at is None:
        return SignIn(session_token=start_client_session(user, client))
    by = person_at(user, client)
    return SignIn(pending_token=issue_token(TokenKind.SIGN_IN, user_id=user.id, by=by).token)


def _rehash_password(user_id: UUID, password_hash: str, password: str) -> str:
    """Replace an outdated hash of this password. Return the stored hash.

    Return the old one if the password was changed meanwhile, or if all cores are busy.
    """
    with contextlib.suppress(Busy):
        renewed = hash_password(password)
        with transaction():
            same = (User.id == user_id) & (User.password_hash == password_hash)
            values = {"password_hash": renewed, "updated_at": User.updated_at}
            if db.session.connection().execute(update(User).where(same).values(values)).rowcount:
                return renewed
    return password_hash
