"""Confirms who is signed in, with every factor of the person, before sensitive changes."""

from __future__ import annotations

from uuid import UUID

from webapp.core.errors import Invalid
from webapp.core.passwords import verify_password
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.core.tokens import hashed_key
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.passkeys import accept_passkey
from webapp.factors.services import use_code
from webapp.signin.sessions import read_session, renew_token, session_ended


def confirmation_key(user_id: UUID) -> str:
    """Return what wrong passwords of the signed-in person count for."""
    return hashed_key("confirmation", str(user_id))


def confirm_password(token: str, *, password: str, code: str = "", by: Actor) -> str:
    """Record that the password was entered again, and the code of people with a second factor. Return the new token.

    The old token ends, so that a stolen one does not gain what needs a recent password. Raise Invalid if the password
    or the code is wrong, NotSignedIn if the session has ended or got another token at the same time.
    """
    live = read_session(token)
    if live is None:
        raise session_ended()
    password_hash = live.session.user.password_hash
    # The hash takes 0.3 s. Return the connection to the pool before.
    db.session.rollback()
    wrong = Invalid(_("The password is wrong"), field="password", code="wrong")
    if not verify_password(password_hash, password):
        raise wrong
    with transaction():
        # The session may have ended, or the password changed, while the hash was computed.
        live = read_session(token)
        if live is None:
            raise session_ended()
        user = live.session.user
        if user.password_hash != password_hash:
            raise wrong
        if user.second_factor_at:
            use_code(user.id, code=code, by=by)
        return renew_token(token)


def confirm_with_passkey(token: str, *, credential: str, bound_to: str, by: Actor) -> str:
    """Record that the person used a passkey: that is every factor. Return the new token of the session.

    Raise Invalid or Gone if the passkey does not work, NotSignedIn if the session has ended.
    """
    with transaction():
        accept_passkey(credential, bound_to=bound_to, by=lambda _user: by, user_id=by.id)
        return renew_token(token)
