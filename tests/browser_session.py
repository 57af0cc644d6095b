"""What a browser and an API client do, over Flask's test client."""

from __future__ import annotations

import html
import re
from typing import Any, Self

from werkzeug.test import TestResponse

from tests.factories import People
from webapp.web.api import App

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """Keeps cookies and sends the CSRF token of the page it is on, as a form would."""

    def __init__(self, app: App) -> None:
        self.client = app.test_client()
        self._csrf: tuple[str | None, str] = None, ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)

    def post(self, path: str, **fields: Any) -> TestResponse:
        data = {name: value for name, value in fields.items() if value is not None}
        return self.client.post(path, data={"csrf_token": self.csrf_token(), **data})

    def csrf_token(self) -> str:
        """Of the sign-in page, or of one's own page when signed in; looked up once for as long as it is valid."""
        secret, token = self._csrf
        if secret is None or secret != self._secret():
            token = self._on_a_page()
            self._csrf = self._secret(), token
        return token

    def sign_in(self, email: str, password: str = People.password) -> Self:
        assert self.post("/login", email=email, password=password).status_code == 303
        return self

    def _on_a_page(self) -> str:
        found = CSRF.search(self.client.get("/login", follow_redirects=True).text)
        if found is None:
            found = CSRF.search(self.client.get("/account").text)
        assert found, "no CSRF token on the page"
        return html.unescape(found[1])

    def _secret(self) -> str | None:
        """What the session's cookie keeps to check tokens by: Flask-WTF makes it anew with each session."""
        app = self.client.application
        cookie = self.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        signer = app.session_interface.get_signing_serializer(app)
        return signer.loads(cookie.value).get("csrf_token") if cookie and cookie.value else None


class Api:
    """Sends JSON with a Bearer token."""

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
