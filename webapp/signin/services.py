"""Signs people in and out."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, bindparam, delete, select, true, update

from webapp.access.powers import effective_roles, powers_from_roles
from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import Busy, Invalid, NotSignedIn
from webapp.core.passwords import hash_password, needs_rehash, verify_password
from webapp.core.permissions import Actor, ActorKind, Powers
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.core.tokens import hashed_key, new_token, token_hash
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.transactions import record_last_use, transaction
from webapp.factors.passkeys import accept_passkey
from webapp.factors.services import use_code
from webapp.jobs.queries import has_running_job
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import issue_token, revoke_tokens
from webapp.signin.devices import find_device, remember_device
from webapp.signin.events import record_event
from webapp.signin.models import ADDRESS_MAX, AGENT_MAX, EventKind, UserSession
from webapp.signin.notices import send_new_device_notice
from webapp.signin.required_steps import second_factor_due
from webapp.users.identity import sign_in_lookup
from webapp.users.models import User
from webapp.users.queries import find_user, get_user

# A session's last use is written at most this often, so that reading pages does not write to the database.
LAST_USE_INTERVAL = timedelta(minutes=1)
# Sensitive pages require the password again after this time.
SUDO = timedelta(minutes=10)

_TOKEN: ColumnElement[str] = bindparam("token_hash")
_ROLES = effective_roles(
    select(UserSession.user_id).where(UserSession.token_hash == _TOKEN).scalar_subquery()
).subquery()
# Each request runs this statement. It returns one row for each role of the user, and one row without role if they have
# none.
_BY_TOKEN = (
    select(UserSession, has_running_job(UserSession.user_id), *_ROLES.c)
    .outerjoin(_ROLES, true())
    .where(UserSession.token_hash == _TOKEN)
    .execution_options(**{PREPARED: ("token_hash", "moment")})
)

log = structlog.get_logger("rollcall.signin")


@dataclass(frozen=True)
class SignIn:
    """What a right password leads to: a session, or a token that waits for the second factor. The other is empty."""

    session_token: str = ""
    pending_token: str = ""


@dataclass(frozen=True)
class Client:
    """The browser of a sign-in. `device_token`: from its cookie; empty if it keeps none."""

    address: str
    agent: str
    request_id: str = ""
    device_token: str = ""


def sign_in(*, identifier: str, password: str, client: Client) -> SignIn:
    """Sign an active user in by e-mail address or username and password, unless they have a second factor.

    Raise Invalid with the same message and after the same time whether or not the account exists.
    """
    column, value = sign_in_lookup(identifier)
    kind = EventKind.SIGN_IN_FAILED
    for _attempt in range(2):
        user = find_user(column=column, value=value)
        password_hash = user.password_hash if user else None
        # The hash takes 0.3 s. Return the connection to the pool before.
        db.session.rollback()
        if not verify_password(password_hash, password) or user is None or password_hash is None:
            break
        verified = _rehash_password(user.id, password_hash, password) if needs_rehash(password_hash) else password_hash
        with transaction():
            current = db.session.get(User, user.id, with_for_update=True, populate_existing=True)
            if current is None or not current.can_sign_in:
                kind = EventKind.SIGN_IN_REFUSED
                break
            if current.password_hash == verified:
                return _first_step(current, client)
        # The password changed while its hash was computed, or another sign-in replaced the hash: compare once more.
    record_event(kind, user_id=user.id if user else None, address=client.address, agent=client.agent)
    log.info("sign_in.refused", user=str(user.id) if user else None, address=client.address)
    raise Invalid(_("The e-mail, username or password is wrong, or the account is not active"))


def attempt_keys(identifier: str, client: Client) -> tuple[str, ...]:
    """Return what failed attempts of this sign-in count for: the known device, or else the account and the address.

    Strangers do not delay people on their own devices.
    """
    if client.device_token:
        column, value = sign_in_lookup(identifier)
        user = find_user(column=column, value=value)
        device_id = find_device(client.device_token, user.id if user else None)
        db.session.rollback()
        if device_id:
            return (f"device:{device_id.hex}",)
    return account_key(identifier), hashed_key("address", client.address)


def account_key(identifier: str) -> str:
    """Return what failed attempts with this e-mail address or username count for. Other spellings are the same."""
    _column, value = sign_in_lookup(identifier)
    return hashed_key("account", value if value != "@" else caseless_key(identifier))


def second_factor_key(user_id: UUID | None) -> str:
    """Return what attempts of the person's second factor count for."""
    return hashed_key("second_factor", str(user_id or ""))


def record_lockout(identifier: str, client: Client) -> None:
    """Record that the failed attempts have used up the limit."""
    column, value = sign_in_lookup(identifier)
    user = find_user(column=column, value=value)
    user_id = user.id if user else None
    record_event(EventKind.SIGN_IN_DELAYED, user_id=user_id, address=client.address, agent=client.agent)


def _first_step(user: User, client: Client) -> SignIn:
    if user.second_factor_at is None:
        return SignIn(session_token=start_client_session(user, client))
    by = person_at(user, client)
    return SignIn(pending_token=issue_token(TokenKind.SIGN_IN, user_id=user.id, by=by).token)


def person_at(user: User, client: Client) -> Actor:
    """Return the person as the actor of their own sign-in."""
    return Actor(ActorKind.USER, user.name, user.id, address=client.address, request_id=client.request_id)


def start_session(user: User, *, address: str, agent: str, request_id: str = "") -> str:
    """Start a session without a password or second factor, in a browser without device. Return its token."""
    return start_client_session(user, Client(address, agent, request_id))


def start_client_session(user: User, client: Client, *, notify: bool = True) -> str:
    """Start a session without a password or second factor. Return its token.

    If `notify`, people get a notice of a device that is new to them, except of their first sign-in.
    """
    by = person_at(user, client)
    token = new_token()
    with transaction():
        session = UserSession(
            token_hash=token_hash(token),
            user_id=user.id,
            address=client.address[:ADDRESS_MAX],
            agent=client.agent[:AGENT_MAX],
        )
        db.session.add(session)
        if client.device_token:
            session.device_id, is_new = remember_device(client.device_token, user.id, agent=client.agent)
            if notify and is_new and user.last_sign_in_at:
                send_new_device_notice(user, agent=client.agent, by=by)
        # A plain UPDATE keeps the version of the user: an open edit form stays valid.
        values: dict[str, Any] = {"last_sign_in_at": now(), "updated_at": User.updated_at}
        values["second_factor_due_at"] = second_factor_due(user)
        db.session.execute(update(User).where(User.id == user.id).values(values))
        record(Action.SESSION_STARTED, subject=user, by=by)
    return token


@dataclass(frozen=True)
class LiveSession:
    """A session that has not ended, with what each page needs of its user."""

    session: UserSession
    powers: Powers
    has_running_job: bool


def find_live_session(token: str, *, idle: timedelta, longest: timedelta) -> LiveSession | None:
    """Return the session of `token`. Return None if it has ended. `longest` is its longest duration."""
    live = _read_session(token)
    moment = now()
    if live is None or live.session.last_used_at < moment - idle or live.session.created_at < moment - longest:
        return None
    if live.session.last_used_at < moment - LAST_USE_INTERVAL:
        record_last_use(UserSession, live.session.id)
        # The write ended the transaction: the session may have been deleted since.
        live = _read_session(token)
    return live


def confirm_password(token: str, *, password: str, code: str = "", by: Actor | None = None) -> str:
    """Record that the password was entered again, and the code of people with a second factor. Return the new token.

    The old token ends, so that a stolen one does not gain what needs a recent password. Raise Invalid if the password
    or the code is wrong, NotSignedIn if the session has ended or got another token at the same time.
    """
    live = _read_session(token)
    if live is None:
        raise _ended()
    password_hash = live.session.user.password_hash
    # The hash takes 0.3 s. Return the connection to the pool before.
    db.session.rollback()
    wrong = Invalid(_("The password is wrong"), field="password", code="wrong")
    if not verify_password(password_hash, password):
        raise wrong
    with transaction():
        # The session may have ended, or the password changed, while the hash was computed.
        live = _read_session(token)
        if live is None:
            raise _ended()
        user = live.session.user
        if user.password_hash != password_hash:
            raise wrong
        if user.second_factor_at:
            use_code(user.id, code=code, by=by or Actor(ActorKind.USER, user.name, user.id))
        return renew_token(token)


def confirm_with_passkey(token: str, *, credential: str, bound_to: str, by: Actor) -> str:
    """Record that the person used a passkey: that is every factor. Return the new token of the session.

    Raise Invalid or Gone if the passkey does not work, NotSignedIn if the session has ended.
    """
    with transaction():
        accept_passkey(credential, bound_to=bound_to, by=lambda _user: by, user_id=by.id)
        return renew_token(token)


@transaction()
def renew_token(token: str) -> str:
    """Give the session a new token, and record that its user has just confirmed who they are. Raise NotSignedIn."""
    renewed = new_token()
    values = {"token_hash": token_hash(renewed), "confirmed_at": now()}
    same = update(UserSession).where(UserSession.token_hash == token_hash(token)).values(values)
    if not db.session.connection().execute(same).rowcount:
        raise _ended()
    return renewed


def _ended() -> NotSignedIn:
    return NotSignedIn(_("Sign in to continue"))


def sign_out(token: str, *, by: Actor) -> None:
    """End the session of `token`. Idempotent."""
    with transaction():
        query = select(UserSession).where(UserSession.token_hash == token_hash(token)).with_for_update(of=UserSession)
        session = db.session.scalars(query).first()
        if session:
            db.session.delete(session)
            record(Action.SESSION_ENDED, subject=session.user, by=by)


@transaction()
def end_session(session_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """End one session of the person. Idempotent. Raise NotFound if there is no such person."""
    user = get_user(user_id)
    one = delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id)
    if db.session.connection().execute(one).rowcount:
        record(Action.SESSION_ENDED, subject=user, by=by)


@transaction()
def end_sessions(user_id: UUID, *, by: Actor, keep: UUID | None = None) -> int:
    """End all sessions of the person but the one with the ID `keep`. Return their number. Raise NotFound.

    A sign-in that waits for the second factor ends too.
    """
    user = get_user(user_id)
    revoke_tokens(user_id, [TokenKind.SIGN_IN])
    ended = delete(UserSession).where(UserSession.user_id == user_id)
    if keep:
        ended = ended.where(UserSession.id != keep)
    count = db.session.connection().execute(ended).rowcount
    if count:
        record(Action.SESSIONS_ENDED, subject=user, by=by)
    return count


def _read_session(token: str) -> LiveSession | None:
    rows = db.session.execute(_BY_TOKEN, {"token_hash": token_hash(token), "moment": now()}).all()
    if not rows:
        return None
    session, has_job, *_role = rows[0]
    since = session.user.sessions_since
    if not session.user.can_sign_in or (since and session.created_at < since):
        return None
    return LiveSession(session, powers_from_roles(row for row in rows if row.role_id), has_job)


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
