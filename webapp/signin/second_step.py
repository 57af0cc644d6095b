"""Sign-ins that do not end with the password: with a code after it, or with a passkey instead of it."""

from __future__ import annotations

from uuid import UUID

from webapp.core.errors import Gone, Invalid
from webapp.core.texts import _
from webapp.core.tokens import hashed_key
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.passkeys import accept_passkey
from webapp.factors.services import use_code
from webapp.one_time_tokens.models import OneTimeToken, TokenKind, TokenState
from webapp.one_time_tokens.queries import find_token
from webapp.one_time_tokens.services import use_token
from webapp.signin.sessions import Client, person_at, start_client_session
from webapp.users.models import User

# Tries of a second factor that a person may have. A code has six digits.
SECOND_FACTOR_LIMIT = "5/5minutes"


def second_factor_key(user_id: UUID) -> str:
    """Return what attempts of the person's second factor count for."""
    return hashed_key("second_factor", str(user_id))


def pending_sign_in(token: str) -> OneTimeToken | None:
    """Return the sign-in that waits for the second factor. Return None if it expired, was finished or revoked."""
    row = find_token(token, TokenKind.SIGN_IN) if token else None
    return row if row and row.state == TokenState.VALID else None


def finish_with_code(token: str, *, code: str, client: Client) -> str:
    """Finish a sign-in with a code of the app or a recovery code. Return the token of the new session.

    Raise Invalid if the code is wrong, and Gone if the sign-in has to start again.
    """
    with transaction():
        pending = pending_sign_in(token)
        if pending is None:
            raise too_late()
        user = db.session.get(User, pending.user_id, with_for_update=True, populate_existing=True)
        if user is None or not user.can_sign_in:
            raise too_late()
        use_code(user.id, code=code, by=person_at(user, client))
        use_token(pending.id)
        return start_client_session(user, client)


def sign_in_with_passkey(*, credential: str, bound_to: str, client: Client) -> str:
    """Sign the owner of a passkey in. Return the token of the new session.

    A passkey is two factors. Raise Invalid if it does not work or its owner cannot sign in, Gone if it came too late.
    """
    with transaction():
        user = accept_passkey(credential, bound_to=bound_to, by=lambda user: person_at(user, client))
        if not user.can_sign_in:
            raise Invalid(_("This passkey is right, but the account is not active."))
        return start_client_session(user, client)


def too_late() -> Gone:
    """The refusal if the time for the second factor is over, or the sign-in was finished or revoked."""
    return Gone(_("Enter your password again: too much time has passed since then."))
