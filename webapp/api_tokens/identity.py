"""Identify the caller of an API request by a Bearer token (RFC 6750)."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from flask import Request, g
from flask_login import UserMixin

from webapp.access.powers import powers_of
from webapp.api_tokens.authentication import authenticate, token_refusal
from webapp.api_tokens.models import ApiToken
from webapp.core.errors import NotSignedIn
from webapp.core.permissions import Actor, ActorKind, Powers
from webapp.core.texts import _
from webapp.web.api import App
from webapp.web.error_pages import is_api_request
from webapp.web.middleware import request_id
from webapp.web.request_headers import reason_of


class TokenCaller(UserMixin):
    """A program that acts for the user of its token. It never has to enter a password again."""

    confirmed = True

    def __init__(self, token: ApiToken, *, address: str, reason: str) -> None:
        self.user = token.user
        self.id: UUID = token.user_id
        self.token = token
        self.label = token.caller_label
        self.address = address
        self.reason = reason

    @cached_property
    def powers(self) -> Powers:
        """Return the powers of the token's user within its scopes, queried once for each request."""
        return powers_of(self.id).limited_to(self.token.permissions)

    def actor(self) -> Actor:
        return Actor(
            ActorKind.TOKEN,
            self.label,
            self.id,
            self.token.id,
            self.address,
            request_id(),
            self.reason,
            self.token.permissions,
        )


def init_api_tokens(app: App) -> None:
    @app.login_manager.request_loader  # type: ignore[attr-defined]  # Flask-Login sets it
    def load(request: Request) -> TokenCaller | None:
        if not is_api_request():
            return None
        try:
            token = authenticate(_bearer_token(request), address=request.remote_addr or "")
        except NotSignedIn as refusal:
            g.token_refusal = refusal
            return None
        g.user_id = token.user_id
        return TokenCaller(token, address=request.remote_addr or "", reason=reason_of(request))


def _bearer_token(request: Request) -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise token_refusal(_("Send an API token in the header Authorization: Bearer"), "token_missing")
    return token.strip()
