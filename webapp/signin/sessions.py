"""Sessions: start, find and end them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, delete, insert, select, true, update

from webapp.access.powers import effective_roles, powers_from_roles
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import NotSignedIn
from webapp.core.permissions import Actor, ActorKind, Powers
from webapp.core.texts import _
from webapp.core.tokens import new_token, token_hash
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.transactions import record_last_use, transaction
from webapp.jobs.queries import has_running_job
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import revoke_tokens
from webapp.signin.devices import remember_device
from webapp.signin.models import ADDRESS_MAX, AGENT_MAX, UserSession
from webapp.signin.notices import enqueue_new_device_notice
from webapp.signin.queries import sessions_of
from webapp.signin.required_steps import second_factor_due
from webapp.users.models import User
from webapp.users.queries import get_user

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
# Plain statements, built once: people wait for a sign-in, and the unit of work takes longer. The UPDATE keeps the
# version of the user, so that an open edit form stays valid.
_users = cast("Table", User.__table__)
_START = insert(cast("Table", UserSession.__table__))
_SIGNED_IN = update(_users).where(_users.c.id == bindparam("of")).values(updated_at=_users.c.updated_at)


@dataclass(frozen=True)
class Client:
    """The browser of a sign-in. `device_token`: of its cookie; empty if it keeps none. `is_new`: it had no cookie."""

    address: str
    agent: str
    request_id: str = ""
    device_token: str = ""
    is_new: bool = False


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
    with transaction(savepoint=False):
        device_id = _device_of(user, client, notify=notify, by=by)
        connection = db.session.connection()
        connection.execute(_START, _session_values(user, client, token, device_id))
        due = second_factor_due(user)
        connection.execute(_SIGNED_IN, {"of": user.id, "last_sign_in_at": now(), "second_factor_due_at": due})
        record(Action.SESSION_STARTED, subject=user, by=by)
    return token


def _device_of(user: User, client: Client, *, notify: bool, by: Actor) -> UUID | None:
    if not client.device_token:
        return None
    device_id, is_new = remember_device(client.device_token, user.id, agent=client.agent, is_new=client.is_new)
    if notify and is_new and user.last_sign_in_at:
        enqueue_new_device_notice(user, agent=client.agent, by=by)
    return device_id


def _session_values(user: User, client: Client, token: str, device_id: UUID | None) -> dict[str, Any]:
    return {
        "token_hash": token_hash(token),
        "user_id": user.id,
        "address": client.address[:ADDRESS_MAX],
        "agent": client.agent[:AGENT_MAX],
        "device_id": device_id,
    }


@dataclass(frozen=True)
class LiveSession:
    """A session that has not ended, with what each page needs of its user."""

    session: UserSession
    powers: Powers
    has_running_job: bool


def find_live_session(token: str, *, idle: timedelta, longest: timedelta) -> LiveSession | None:
    """Return the session of `token`. Return None if it has ended. `longest` is its longest duration."""
    live = read_session(token)
    moment = now()
    if live is None or live.session.last_used_at < moment - idle or live.session.created_at < moment - longest:
        return None
    if live.session.last_used_at < moment - LAST_USE_INTERVAL:
        record_last_use(UserSession, live.session.id)
        # The write ended the transaction: the session may have been deleted since.
        live = read_session(token)
    return live


@transaction()
def renew_token(token: str) -> str:
    """Give the session a new token, and record that its user has just confirmed who they are. Raise NotSignedIn."""
    renewed = new_token()
    values = {"token_hash": token_hash(renewed), "confirmed_at": now()}
    same = update(UserSession).where(UserSession.token_hash == token_hash(token)).values(values)
    if not db.session.connection().execute(same).rowcount:
        raise session_ended()
    return renewed


def session_ended() -> NotSignedIn:
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
    """End all sessions of the person but the one with the ID `keep`. Return how many had not ended. Raise NotFound.

    A sign-in that waits for the second factor ends too.
    """
    user = get_user(user_id)
    revoke_tokens(user_id, [TokenKind.SIGN_IN])
    count = sum(session.id != keep for session in sessions_of(user_id))
    ended = delete(UserSession).where(UserSession.user_id == user_id)
    if keep:
        ended = ended.where(UserSession.id != keep)
    db.session.connection().execute(ended)
    if count:
        record(Action.SESSIONS_ENDED, subject=user, by=by)
    return count


def read_session(token: str) -> LiveSession | None:
    """Return the session of `token`, however old it is. Return None if it has ended or its user cannot sign in."""
    rows = db.session.execute(_BY_TOKEN, {"token_hash": token_hash(token), "moment": now()}).all()
    if not rows:
        return None
    session, has_job, *_role = rows[0]
    since = session.user.sessions_since
    if not session.user.can_sign_in or (since and session.created_at < since):
        return None
    return LiveSession(session, powers_from_roles(row for row in rows if row.role_id), has_job)
