"""Signing in and out."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, bindparam, select, true, update

from webapp.access.powers import effective_roles, powers_from_roles
from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import Busy, Invalid
from webapp.core.passwords import hash_password, needs_rehash, verify_password
from webapp.core.permissions import Actor, ActorKind, Powers
from webapp.core.texts import _
from webapp.core.tokens import new_token, token_hash
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.transactions import record_last_use, transaction
from webapp.jobs.queries import has_running_job
from webapp.signin.models import ADDRESS_MAX, AGENT_MAX, UserSession
from webapp.users.identity import sign_in_lookup
from webapp.users.models import User
from webapp.users.queries import find_user

# A session's last use is written at most this often, so that reading pages does not write to the database.
TOUCH_EVERY = timedelta(minutes=1)
# What is sensitive asks for the password again after so long.
SUDO = timedelta(minutes=10)

_TOKEN: ColumnElement[str] = bindparam("token_hash")
_ROLES = effective_roles(
    select(UserSession.user_id).where(UserSession.token_hash == _TOKEN).scalar_subquery()
).subquery()
# Every page of everybody begins with it: made once, and one statement for all that every page asks of its person. A row
# for each role that they hold, one without if they hold none.
_BY_TOKEN = (
    select(UserSession, has_running_job(UserSession.user_id), *_ROLES.c)
    .outerjoin(_ROLES, true())
    .where(UserSession.token_hash == _TOKEN)
    .execution_options(**{PREPARED: ("token_hash", "moment")})
)

log = structlog.get_logger("rollcall.signin")


def sign_in(*, identifier: str, password: str, address: str, agent: str, request_id: str = "") -> str:
    """A new session's token, for an active user's e-mail or username and password.

    Raises Invalid in the same words and after the same time whether or not the account exists.
    """
    column, value = sign_in_lookup(identifier)
    user = find_user(column=column, value=value)
    password_hash = user.password_hash if user else None
    # The hash takes 0.3 s: no connection is held from the pool meanwhile.
    db.session.rollback()
    if not verify_password(password_hash, password) or user is None or not user.can_sign_in:
        log.info("sign_in.refused", user=str(user.id) if user else None, address=address)
        raise Invalid(_("The e-mail, username or password is wrong, or the account is not active"))
    if password_hash is not None and needs_rehash(password_hash):
        _renew(user.id, password_hash, password)
    return start_session(user, address=address, agent=agent, request_id=request_id)


def start_session(user: User, *, address: str, agent: str, request_id: str = "") -> str:
    """A new session's token."""
    by = Actor(ActorKind.USER, user.name, user.id, address=address, request_id=request_id)
    token = new_token()
    with transaction():
        session = UserSession(
            token_hash=token_hash(token), user_id=by.id, address=by.address[:ADDRESS_MAX], agent=agent[:AGENT_MAX]
        )
        db.session.add(session)
        # Not through the object: signing in is no edit, and must not raise the version that editors hold.
        values = {"last_sign_in_at": now(), "updated_at": User.updated_at}
        db.session.execute(update(User).where(User.id == by.id).values(values))
        record(Action.SESSION_STARTED, subject=user, by=by)
    return token


@dataclass(frozen=True)
class LiveSession:
    """A session that counts, with its user, and what every page asks of them."""

    session: UserSession
    powers: Powers
    has_running_job: bool


def find_live_session(token: str, *, idle: timedelta, longest: timedelta) -> LiveSession | None:
    """The live session of `token`, in one statement; None when it is over."""
    live = _live(token)
    moment = now()
    if live is None or live.session.last_used_at < moment - idle or live.session.created_at < moment - longest:
        return None
    if live.session.last_used_at < moment - TOUCH_EVERY:
        record_last_use(UserSession, live.session.id)
        # It may have ended meanwhile.
        live = _live(token)
    return live


def confirm_password(token: str, *, password: str) -> None:
    """Notes that whoever sits there knows the password. Raises Invalid when they do not."""
    live = _live(token)
    password_hash = live.session.user.password_hash if live else None
    # The hash takes 0.3 s: no connection is held from the pool meanwhile.
    db.session.rollback()
    if not verify_password(password_hash, password):
        raise Invalid(_("The password is wrong"), field="password", code="wrong")
    with transaction():
        db.session.execute(
            update(UserSession).where(UserSession.token_hash == token_hash(token)).values(confirmed_at=now())
        )


def sign_out(token: str, *, by: Actor) -> None:
    """Ends the session of `token`; once it is over, nothing happens."""
    with transaction():
        query = select(UserSession).where(UserSession.token_hash == token_hash(token)).with_for_update(of=UserSession)
        session = db.session.scalars(query).first()
        if session:
            db.session.delete(session)
            record(Action.SESSION_ENDED, subject=session.user, by=by)


def _live(token: str) -> LiveSession | None:
    rows = db.session.execute(_BY_TOKEN, {"token_hash": token_hash(token), "moment": now()}).all()
    if not rows:
        return None
    session, has_job, *_role = rows[0]
    since = session.user.sessions_since
    if not session.user.can_sign_in or (since and session.created_at < since):
        return None
    return LiveSession(session, powers_from_roles(row for row in rows if row.role_id), has_job)


def _renew(user_id: UUID, password_hash: str, password: str) -> None:
    """Hashes the password as new ones are, unless it was changed in this instant or all cores are busy."""
    with contextlib.suppress(Busy):
        values = {"password_hash": hash_password(password), "updated_at": User.updated_at}
        with transaction():
            same = (User.id == user_id) & (User.password_hash == password_hash)
            db.session.execute(update(User).where(same).values(values))
