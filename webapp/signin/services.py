"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.access import Actor, ActorKind
from webapp.core.clock import now
from webapp.core.database import db, transaction
from webapp.core.errors import Invalid
from webapp.core.languages import _
from webapp.core.passwords import checked_password, hashed, outdated, verified
from webapp.core.tokens import new_token, token_hash
from webapp.signin.models import ADDRESS_MAX, AGENT_MAX, UserSession
from webapp.users.identity import sign_in_key
from webapp.users.models import Status, User
from webapp.users.queries import find_user

# A session's last use is written at most this often, so that reading pages does not write to the database.
TOUCH_EVERY = timedelta(minutes=1)


def sign_in(*, identifier: str, password: str, address: str, agent: str, request_id: str = "") -> str:
    """A new session's token, for an active user's e-mail or username and password.

    Raises Invalid in the same words and after the same time whether or not the account exists.
    """
    column, value = sign_in_key(identifier)
    user = find_user(column=column, value=value)
    password_hash = user.password_hash if user else None
    # The hash takes 0.3 s: no connection is held from the pool meanwhile.
    db.session.rollback()
    if not verified(password_hash, password) or user is None or user.status != Status.ACTIVE:
        raise Invalid(_("The e-mail, username or password is not right, or the account is not active."))
    return start_session(
        user, address=address, agent=agent, request_id=request_id, password_hash=_renewed(password_hash, password)
    )


def start_session(
    user: User, *, address: str, agent: str, request_id: str = "", password_hash: str | None = None
) -> str:
    """A new session's token; `password_hash` replaces an outdated one."""
    by = Actor(ActorKind.USER, user.name, user.id, address, request_id)
    token = new_token()
    values = {"last_sign_in_at": now()} | ({"password_hash": password_hash} if password_hash else {})
    with transaction():
        session = UserSession(
            token_hash=token_hash(token), user_id=by.id, address=by.address[:ADDRESS_MAX], agent=agent[:AGENT_MAX]
        )
        db.session.add(session)
        # Not through the object: signing in is no edit, and must not raise the version that editors hold.
        db.session.execute(update(User).where(User.id == by.id).values(values | {"updated_at": User.updated_at}))
        record(Action.SESSION_STARTED, subject=user, by=by)
    return token


def session_of(token: str, *, idle: timedelta, longest: timedelta) -> UserSession | None:
    """The live session of `token`, with its user, in one statement; None when it is over."""
    session = db.session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(token))).first()
    if session is None or session.user.status != Status.ACTIVE:
        return None
    moment = now()
    if session.last_used_at < moment - idle or session.created_at < moment - longest:
        return None
    if session.last_used_at < moment - TOUCH_EVERY:
        _touch(session)
    return session


def sign_out(token: str, *, by: Actor) -> None:
    """Ends the session of `token`; once it is over, nothing happens."""
    with transaction():
        session = db.session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(token))).first()
        if session:
            db.session.delete(session)
            record(Action.SESSION_ENDED, subject=session.user, by=by)


@transaction()
def _touch(session: UserSession) -> None:
    session.last_used_at = now()


def _renewed(password_hash: str | None, password: str) -> str | None:
    """A new hash when the stored one was made more cheaply than new ones are."""
    return hashed(checked_password(password)) if password_hash and outdated(password_hash) else None
