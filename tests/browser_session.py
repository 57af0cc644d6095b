"""What a browser and an API client do, over Flask's test client."""

from __future__ import annotations

import html
import re
from typing import Any, Self

from werkzeug.test import TestResponse

from tests.factories import People
from webapp.core.api import App

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """Keeps cookies and sends the CSRF token of the page it is on, as a form would."""

    def __init__(self, app: App) -> None:
        self.client = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)

    def post(self, path: str, **fields: Any) -> TestResponse:
        data = {name: value for name, value in fields.items() if value is not None}
        return self.client.post(path, data={"csrf_token": self.csrf_token(), **data})

    def csrf_token(self) -> str:
        """Of the sign-in page, or of one's own page when signed in."""
        found = CSRF.search(self.client.get("/login", follow_redirects=True).text)
        if found is None:
            found = CSRF.search(self.client.get("/account").text)
        assert found, "no CSRF token on the page"
        return html.unescape(found[1])

    def sign_in(self, email: str, password: str = People.password) -> Self:
        assert self.post("/login", email=email, password=password).status_code == 303
        return self


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
