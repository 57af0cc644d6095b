"""What every response has or lacks: types, methods, origins, listings, a way to sign out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_the_content_type_names_the_encoding(owner: Browser, visitor: Browser, api: Api) -> None:
    for path, expected in (
        ("/users", "text/html; charset=utf-8"),
        ("/nowhere", "text/html; charset=utf-8"),
        ("/access-review.csv", "text/csv; charset=utf-8"),
        ("/static/css/tokens.css", "text/css; charset=utf-8"),
        ("/static/js/main.js", "text/javascript; charset=utf-8"),
    ):
        assert owner.get(path).content_type == expected, path
    assert api.get("/users").content_type == "application/json"
    assert visitor.get("/api/v1/users").content_type == "application/problem+json"


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_errors_are_compressed_like_other_pages(owner: Browser, encoding: str) -> None:
    for path, status in (("/users", 200), ("/users?created=soon", 400), ("/nowhere", 404)):
        response = owner.get(path, headers={"Accept-Encoding": encoding})
        assert (response.status_code, response.headers["Content-Encoding"]) == (status, encoding), path
        assert len(response.data) < len(owner.get(path).data) / 2


def test_other_sites_cannot_read_a_response(owner: Browser, api: Api) -> None:
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("/users", "/api/v1/users", "/static/js/main.js", "/healthz"):
        for method in ("GET", "OPTIONS"):
            headers = owner.client.open(path, method=method, headers=origin | api.headers, buffered=True).headers
            assert [name for name, _value in headers if name.startswith("Access-Control-")] == [], path


@pytest.mark.parametrize("path", ["/login", "/users", "/api/v1/users", "/static/js/main.js"])
def test_trace_is_refused(owner: Browser, path: str) -> None:
    response = owner.client.open(path, method="TRACE", headers={"X-Secret": "canary"})
    assert response.status_code == 405
    assert "canary" not in response.text


@pytest.mark.parametrize("path", ["/static/", "/static/js/", "/static/..%2f", "/.git/config", "/static/../.git/config"])
def test_no_folder_is_listed(owner: Browser, path: str) -> None:
    assert owner.get(path).status_code == 404


def test_every_page_offers_to_sign_out(owner: Browser, people: People) -> None:
    for path in ("/", "/users", f"/users/{people.owner().id}", "/groups", "/roles", "/audit", "/jobs", "/account"):
        assert 'action="/logout"' in owner.get(path).text, path
    assert 'action="/logout"' in owner.get("/nowhere").text


def test_every_cookie_of_a_sign_in_is_for_this_host_by_https_only(app_with: Callable[..., App], people: People) -> None:
    people.owner()
    https = app_with(BASE_URL="https://localhost")
    https.config["PREFERRED_URL_SCHEME"] = "https"
    browser = Browser(https)
    form = {"csrf_token": browser.csrf_token(), "email": "olga@example.com", "password": people.password}
    response = browser.client.post("/login", data=form, headers={"Referer": "https://localhost/login"})
    cookies = response.headers.getlist("Set-Cookie")
    assert (response.status_code, len(cookies)) == (303, 2)
    for cookie in cookies:
        attributes = {each.strip().partition("=")[0]: each.partition("=")[2] for each in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-rollcall-")
        assert {"Secure", "HttpOnly", "Path", "SameSite"} <= attributes.keys()
        assert (attributes["Path"], attributes["SameSite"], "Domain" in attributes) == ("/", "Lax", False)
