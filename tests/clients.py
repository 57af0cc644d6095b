"""A browser and an API client, based on Flask's test client."""

from __future__ import annotations

import secrets
from typing import Any, Self

from flask import session
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from tests.factories import PASSWORD
from webapp.signin.sessions import start_session
from webapp.users.queries import get_user_by_identifier
from webapp.web.api import App


class Browser:
    """A client that keeps cookies and sends a CSRF token with each POST, as the forms of pages do."""

    def __init__(self, app: App) -> None:
        self.client = app.test_client()
        self._csrf: tuple[str | None, str] = None, ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)

    def post(self, path: str, **fields: Any) -> TestResponse:
        data = {name: value for name, value in fields.items() if value is not None}
        return self.client.post(path, data={"csrf_token": self.csrf_token(), **data})

    def csrf_token(self) -> str:
        """Return a CSRF token that is valid for the session in the cookie."""
        with self.client.session_transaction() as cookie:
            secret = cookie.get("csrf_token")
            if secret is None:
                secret = cookie["csrf_token"] = secrets.token_hex(20)
        if secret != self._csrf[0]:
            with self.client.application.test_request_context():
                session["csrf_token"] = secret
                self._csrf = secret, generate_csrf()
        return self._csrf[1]

    def sign_in(self, email: str, password: str = PASSWORD) -> Self:
        """Sign in with the form. Only for tests of signing in: `signed_in_as` takes a twentieth of the time."""
        assert self.post("/login", email=email, password=password).status_code == 303
        return self

    def signed_in_as(self, email: str) -> Self:
        """Start a session as the sign-in form does, but without the form and the password check."""
        with self.client.application.app_context():
            user = get_user_by_identifier(email)
            assert user.can_sign_in, f"{email} cannot sign in"
            token = start_session(user, address="127.0.0.1", agent="tests")
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie["_user_id"] = token
        return self


class Api:
    """A client that sends JSON with a Bearer token."""

    def __init__(self, app: App, token: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get("/api/v1" + path, headers=self.headers, **options)

    def post(
        self, path: str, json: Any = None, *, headers: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        return self.client.post("/api/v1" + path, json=json, headers=self.headers | (headers or {}), **options)

    def patch(self, path: str, json: Any = None, *, headers: dict[str, str] | None = None) -> TestResponse:
        return self.client.patch("/api/v1" + path, json=json, headers=self.headers | (headers or {}))

    def delete(self, path: str, *, headers: dict[str, str] | None = None) -> TestResponse:
        return self.client.delete("/api/v1" + path, headers=self.headers | (headers or {}))
