"""Connects Flask-Login with server-side sessions: the cookie holds the token, the database holds the session."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from flask import Flask, Response, after_this_request, g, request, session
from flask_login import LoginManager, UserMixin, logout_user

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.permissions import Actor, ActorKind
from webapp.core.tokens import new_token
from webapp.settings import Settings
from webapp.signin.devices import KNOWN_FOR
from webapp.signin.events import record_event
from webapp.signin.models import EventKind
from webapp.signin.required_steps import lacks_second_factor, required_step
from webapp.signin.sessions import SUDO, Client, LiveSession, end_sessions, find_live_session, start_client_session
from webapp.users.models import User
from webapp.web.error_pages import is_api_request
from webapp.web.guards import database_unreachable
from webapp.web.middleware import request_id

_PENDING = "sign_in"
_DEVICE_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)


class SignedInUser(UserMixin):
    """The user of a live session."""

    scopes = None

    def __init__(self, live: LiveSession, token: str) -> None:
        self.user = live.session.user
        self.id: UUID = live.session.user_id
        self.session_id: UUID = live.session.id
        self.token = token
        self.confirmed = live.session.confirmed_at > now() - SUDO
        self.powers = live.powers
        self.has_running_job = live.has_running_job
        self.required_step = required_step(self.user, live.powers)
        # Pages ask them to add one until `user.second_factor_due_at`.
        self.lacks_second_factor = lacks_second_factor(self.user, live.powers)

    def get_id(self) -> str:
        """Return what Flask-Login stores in the cookie: the token of the session, not the ID of the user."""
        return self.token

    def end_other_sessions(self) -> int:
        """End all sessions of this person but this one. Return their number. For packages below sign-in."""
        return end_sessions(self.id, by=self.actor(), keep=self.session_id)

    def actor(self) -> Actor:
        return Actor(
            ActorKind.USER,
            self.user.name,
            self.id,
            address=client_address(),
            request_id=request_id(),
            reason=request.form.get("reason", ""),
        )


def init_identity(app: Flask, settings: Settings) -> None:
    idle, longest = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    app.config |= {
        # Browsers send a cookie to each port of its host. Two instances with one name would sign each other out.
        "SESSION_COOKIE_NAME": settings.cookie_name,
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
    }
    login_manager = LoginManager(app)
    # Flask-Login would sign people out when the address of their network changes.
    login_manager.session_protection = None

    @login_manager.user_loader
    def load(token: str) -> SignedInUser | None:
        # The API accepts no cookies: browsers send them with requests of other sites too (CSRF).
        if is_api_request() or database_unreachable():
            return None
        found = find_live_session(token, idle=idle, longest=longest)
        if found is None:
            return None
        g.user_id = found.session.user_id
        return SignedInUser(found, token)


def set_session_token(token: str) -> None:
    """Store the token of a new session in the cookie, where Flask-Login reads it. Drop all else except the language."""
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language
    session["_user_id"] = token


def start_browser_session(user: User) -> None:
    """Sign the user in, in the browser of this request, after a change that sends a notice of its own."""
    set_session_token(start_client_session(user, browser_client(), notify=False))


def browser_client() -> Client:
    """Return the browser of this request. Its cookie gets the token of the device if it has none."""
    token = _device_token()
    is_new = g.get("device_token") == token
    return Client(client_address(), request.user_agent.string, request_id(), token, is_new)


def _device_token() -> str:
    name = f"{current_settings().cookie_name}-device"
    token = request.cookies.get(name, "")
    if not _DEVICE_TOKEN.fullmatch(token):
        token = g.setdefault("device_token", new_token())

    @after_this_request
    def keep(response: Response) -> Response:
        # Only sign-ins call this. Each renews the year.
        seconds = int(KNOWN_FOR.total_seconds())
        response.set_cookie(
            name, token, max_age=seconds, secure=current_settings().secure, httponly=True, samesite="Lax"
        )
        return response

    return token


def set_pending_token(token: str) -> None:
    """Keep the token of a sign-in that waits for the second factor in the cookie."""
    session[_PENDING] = token


def pending_token() -> str:
    """Return the token of the sign-in that waits for the second factor. Return "" if there is none."""
    return str(session.get(_PENDING, ""))


def renew_session_token(token: str) -> None:
    """Put the new token of the same session into the cookie. Forms that are open in other tabs stay valid."""
    session["_user_id"] = token


def clear_session() -> None:
    logout_user()
    g.pop("user_id", None)
    session.clear()


def client_address() -> str:
    return request.remote_addr or ""


def link_holder(user: User) -> Actor:
    """Return the person to whom a link was mailed as the actor of this request: only they can have it."""
    return Actor(ActorKind.USER, user.name, user.id, address=client_address(), request_id=request_id())


def record_failure(kind: EventKind, user_id: UUID | None) -> None:
    """Record a failed attempt of this browser, in a transaction of its own."""
    record_event(kind, user_id=user_id, address=client_address(), agent=request.user_agent.string)
