"""Ways back into an account: password reset by e-mail, one-time pass, and the lock of “this was not me”."""

from __future__ import annotations

import json

from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import Deleted, Gone, NotFound
from webapp.core.permissions import Actor, ActorKind
from webapp.core.sealing import seal, unseal
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.factors.passkeys import accept_passkey
from webapp.factors.services import remove_all_factors, use_code
from webapp.jobs.services import enqueue
from webapp.mail.services import send_message
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.one_time_tokens.queries import may_ask_again, open_token
from webapp.one_time_tokens.services import issue_token, revoke_tokens, use_token
from webapp.recovery.messages import reset_message
from webapp.recovery.queries import link_address, may_unlock, needs_second_factor
from webapp.signin.sessions import end_sessions
from webapp.users.inviting import invite_again
from webapp.users.models import Status, User
from webapp.users.notices import recipient_of
from webapp.users.passwords import end_api_tokens, set_own_password
from webapp.users.queries import get_user_by_identifier
from webapp.users.saving import lock_user

# In the data of a token: the second factor was asked.
FACTOR_PASSED = "factor_passed"


@transaction()
def request_reset(identifier: str, *, address: str) -> None:
    """Enqueue the job that mails a reset to the account with this e-mail address or username.

    Whether there is one makes no difference here, so that neither the answer nor its time shows it. The job page cannot
    show what was typed, because it is encrypted.
    """
    request = seal(json.dumps({"identifier": identifier, "address": address}))
    enqueue("recovery.reset", by=_requester(address), request=request)


@transaction()
def send_requested_reset(sealed_request: str) -> None:
    """Mail a reset link to the account that was asked for. Do nothing if there is none, or if RESET_LIMIT is reached.

    People who are invited get their invitation again. Raise NotReadable.
    """
    request = json.loads(unseal(sealed_request))
    try:
        user = lock_user(get_user_by_identifier(request["identifier"]).id)
    except (NotFound, Deleted):
        return
    by = _requester(request["address"])
    if user.status == Status.INVITED:
        invite_again(user, by=by)
    elif can_recover(user) and may_unlock(user) and may_ask_again(user.id, TokenKind.RESET):
        send_reset(user, by=by)


def can_recover(user: User) -> bool:
    """Whether a new password would let the person sign in. A locked account can: a reset unlocks it."""
    return (
        user.password_hash is not None
        and user.deleted_at is None
        and user.deactivated_at is None
        and not user.has_ended
    )


def send_reset(user: User, *, by: Actor) -> None:
    """Mail a link for a new password to a locked user, in the caller's transaction. Earlier links stop working."""
    token, row = issue_token(TokenKind.RESET, user_id=user.id, by=by)
    address, expires_at = link_address("reset", token), row.expires_at
    mail = send_message(recipient_of(user), lambda: reset_message(user, address, expires_at, by=by), by=by)
    row.mail_id = mail.id
    record(Action.PASSWORD_RESET_SENT, subject=user, by=by)


@transaction()
def pass_second_factor(token: OneTimeToken, *, code: str, by: Actor) -> None:
    """Use a code of the person's second factor, so that their reset link lets them choose a password.

    Raise Invalid if the code is wrong.
    """
    use_code(token.user_id, code=code, by=by)
    token.data = token.data | {FACTOR_PASSED: True}


@transaction()
def pass_with_passkey(token: OneTimeToken, *, credential: str, bound_to: str, by: Actor) -> None:
    """Use a passkey of the person instead of a code. `credential` and `bound_to`: see `accept_passkey`.

    Raise Invalid or Gone if the passkey does not work.
    """
    accept_passkey(credential, bound_to=bound_to, by=lambda _user: by, user_id=token.user_id)
    token.data = token.data | {FACTOR_PASSED: True}


def reset_password(token: OneTimeToken, *, password: str, by: Actor) -> User:
    """Set the password that the person chose. A one-time pass removes their second factors, which they add anew.

    Raise Gone if the token is not valid, or its second factor was not asked. Raise Invalid for the password.
    """
    token_id, kind, is_passed = token.id, token.kind, bool(token.data.get(FACTOR_PASSED))

    def check(user: User) -> None:
        if kind == TokenKind.RESET and needs_second_factor(user) and not is_passed:
            raise Gone(_("Use your second factor first"))
        use_token(token_id)
        if kind == TokenKind.ONE_TIME_PASS:
            remove_all_factors(user.id, by=by)
            user.second_factor_due_at = now()

    return set_own_password(
        token.user_id, password=password, by=by, check=check, keeps_factors=kind != TokenKind.ONE_TIME_PASS
    )


@transaction()
def lock_account(token: OneTimeToken, *, by: Actor) -> bool:
    """Lock the account of the person who got a notice and says that it was not them. End all its sessions and tokens.

    Return whether they get an e-mail with which they choose a new password. They get none if they have no access, or if
    the address has changed since the notice: an intruder may have the new one. A deleted account stays locked when
    it is restored. Raise Gone if the token is not valid.
    """
    token_id = token.id
    user = lock_user(token.user_id, deleted=True)
    use_token(token_id)
    end_sessions(user.id, by=by)
    end_api_tokens(user, by=by)
    if pending := open_token(user.id, TokenKind.EMAIL_CHANGE):
        email = str(pending.data["email"])
        record(Action.EMAIL_CHANGE_CANCELLED, subject=user, by=by, changes={"email": (email, None)})
    revoke_tokens(user.id)
    user.locked_at = user.sessions_since = now()
    record(Action.ACCOUNT_LOCKED, subject=user, by=by)
    mailed = can_recover(user) and may_unlock(user)
    if mailed:
        send_reset(user, by=by)
    return mailed


def _requester(address: str) -> Actor:
    return Actor(ActorKind.SYSTEM, "Password reset", address=address)
