"""Identify the caller of an API request by a Bearer token (RFC 6750)."""

from __future__ import annotations

from uuid import UUID

from flask import Request, g
from flask_login import UserMixin

from webapp.api_tokens.authentication import LiveToken, authenticate, token_refusal
from webapp.core.errors import NotSignedIn
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _
from webapp.web.api import App
from webapp.web.error_pages import is_api_request
from webapp.web.middleware import request_id
from webapp.web.request_headers import reason_of


class TokenCaller(UserMixin):
    """A program that acts for the user of its token. It never has to enter a password again."""

    confirmed = True

    def __init__(self, live: LiveToken, *, address: str, reason: str) -> None:
        token = live.token
        self.user = token.user
        self.id: UUID = token.user_id
        self.token = token
        self.label = token.caller_label
        self.powers = live.powers
        self.scopes = token.permissions
        self.address = address
        self.reason = reason

    def actor(self) -> Actor:
        return Actor(
            ActorKind.TOKEN,
            self.label,
            self.id,
            self.token.id,
            self.address,
            request_id(),
            self.reason,
            self.scopes,
        )


def init_api_tokens(app: App) -> None:
    @app.login_manager.request_loader  # type: ignore[attr-defined]  # Flask-Login sets it
    def load(request: Request) -> TokenCaller | None:
        if not is_api_request():
            return None
        try:
            live = authenticate(_bearer_token(request), address=request.remote_addr or "")
        except NotSignedIn as refusal:
            g.token_refusal = refusal
            return None
        g.user_id = live.token.user_id
        return TokenCaller(live, address=request.remote_addr or "", reason=reason_of(request))


def _bearer_token(request: Request) -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise token_refusal(_("Send an API token in the header Authorization: Bearer"), "token_missing")
    return token.strip()
