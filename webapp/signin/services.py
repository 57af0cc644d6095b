"""Signs people in with a password."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import update

from webapp.core.errors import Busy, Invalid
from webapp.core.passwords import hash_password, needs_rehash, verify_password
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.core.tokens import hashed_key
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import issue_token
from webapp.signin.devices import find_device
from webapp.signin.events import record_event
from webapp.signin.models import EventKind
from webapp.signin.sessions import Client, person_at, start_client_session
from webapp.users.identity import sign_in_lookup
from webapp.users.models import User
from webapp.users.queries import find_password_hash

log = structlog.get_logger("rollcall.signin")


@dataclass(frozen=True)
class SignIn:
    """What a right password leads to: a session, or a token that waits for the second factor. The other is empty."""

    session_token: str = ""
    pending_token: str = ""


def sign_in(*, identifier: str, password: str, client: Client) -> SignIn:
    """Sign an active user in by e-mail address or username and password, unless they have a second factor.

    Raise Invalid with the same message and after the same time whether or not the account exists.
    """
    column, value = sign_in_lookup(identifier)
    kind = EventKind.SIGN_IN_FAILED
    for _attempt in range(2):
        user_id, password_hash = find_password_hash(column=column, value=value)
        # The hash takes 0.3 s. Return the connection to the pool before.
        db.session.rollback()
        if not verify_password(password_hash, password) or user_id is None or password_hash is None:
            break
        verified = _rehash_password(user_id, password_hash, password) if needs_rehash(password_hash) else password_hash
        with transaction():
            current = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
            if current is None or not current.can_sign_in:
                kind = EventKind.SIGN_IN_REFUSED
                break
            if current.password_hash == verified:
                return _first_step(current, client)
        # The password changed while its hash was computed, or another sign-in replaced the hash: compare once more.
    record_event(kind, user_id=user_id, address=client.address, agent=client.agent)
    log.info("sign_in.refused", user=str(user_id) if user_id else None, address=client.address)
    raise Invalid(_("The e-mail, username or password is wrong, or the account is not active"))


def attempt_keys(identifier: str, client: Client) -> tuple[str, ...]:
    """Return what failed attempts of this sign-in count for: the known device, or else the account and the address.

    Strangers do not delay people on their own devices.
    """
    if client.device_token:
        column, value = sign_in_lookup(identifier)
        user_id, _password_hash = find_password_hash(column=column, value=value)
        device_id = find_device(client.device_token, user_id)
        db.session.rollback()
        if device_id:
            return (f"device:{device_id.hex}",)
    return account_key(identifier), hashed_key("address", client.address)


def account_key(identifier: str) -> str:
    """Return what failed attempts with this e-mail address or username count for. Other spellings are the same."""
    _column, value = sign_in_lookup(identifier)
    return hashed_key("account", value if value != "@" else caseless_key(identifier))


def record_lockout(identifier: str, client: Client) -> None:
    """Record that the failed attempts have used up the limit."""
    column, value = sign_in_lookup(identifier)
    user_id, _password_hash = find_password_hash(column=column, value=value)
    record_event(EventKind.SIGN_IN_DELAYED, user_id=user_id, address=client.address, agent=client.agent)


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
