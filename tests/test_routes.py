"""Every route has a guard, and the guard refuses people without access. Headers and error pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.app_without_database import APP
from tests.clients import Browser
from tests.factories import People
from tests.server import SECRET_KEY
from webapp import create_app
from webapp.core.permissions import Permission
from webapp.settings import load_settings
from webapp.web.api import App
from webapp.web.guards import GETS_THAT_WRITE, PUBLIC, SIGNED_IN
from webapp.web.middleware import TrustedProxies

ROUTES = [
    (method, rule.rule, rule.endpoint)
    for rule in APP.url_map.iter_rules()
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    if rule.endpoint != "static"
]
PUBLIC_ROUTES = {
    ("GET", "/"),  # redirects to the sign-in or to the set-up
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/second-factor"),  # redirects to the sign-in until a password was entered
    ("POST", "/login/second-factor"),
    ("GET", "/login/passkey"),
    ("POST", "/login/passkey"),
    ("GET", "/.well-known/passkey-endpoints"),
    ("GET", "/.well-known/change-password"),
    ("POST", "/password-check"),
    ("GET", "/forgot"),
    ("POST", "/forgot"),
    ("GET", "/reset"),
    ("POST", "/reset"),
    ("GET", "/reset/passkey"),
    ("POST", "/reset/passkey"),
    ("GET", "/not-me"),
    ("POST", "/not-me"),
    ("GET", "/email-change"),
    ("POST", "/email-change"),
    ("GET", "/invitation"),
    ("POST", "/invitation"),
    ("GET", "/invitation/password"),
    ("POST", "/invitation/password"),
    ("GET", "/invitation/passkey/options"),
    ("POST", "/invitation/passkey"),
    ("POST", "/invitation/again"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/docs"),
}


def address(rule: str) -> str:
    return re.sub(r"<uuid:\w+>", "01a20c33-7cd6-70ee-b0a1-652ec903b536", rule).replace("<name>", "jobs.purge")


def test_every_route_has_a_guard(migrated_app: App) -> None:
    for method, rule, endpoint in ROUTES:
        guard = getattr(migrated_app.view_functions[endpoint], "guard", None)
        assert guard in {PUBLIC, SIGNED_IN, *Permission}, rule
        assert (guard == PUBLIC) == ((method, rule) in PUBLIC_ROUTES), rule


@pytest.mark.one_engine
def test_only_the_listed_get_routes_write(app: App, owner: Browser, people: People) -> None:
    user_id = str(people.owner().id)
    writing = set()
    for method, rule, endpoint in ROUTES:
        if method != "GET" or "/api/" in rule:
            continue
        before = people.row_counts()
        owner.get(re.sub(r"<uuid:\w+>", user_id, rule).replace("<name>", "jobs.purge"))
        if people.row_counts() != before:
            writing.add(endpoint)
    assert writing == GETS_THAT_WRITE


@pytest.mark.one_engine
def test_a_visitor_can_open_only_public_routes(app: App) -> None:
    for method, rule, _endpoint in ROUTES:
        case, visitor = f"{method} {rule}", Browser(app)
        response = visitor.client.open(address(rule), method=method, data={"csrf_token": visitor.csrf_token()})
        if (method, rule) in PUBLIC_ROUTES:
            # /setup needs a token, /metrics is 404 until a token is set, and / redirects.
            others = {
                ("/metrics", 404),
                ("/", 303),
                ("/login/second-factor", 303),
                ("/.well-known/change-password", 303),
            }
            assert response.status_code in {200, 410, 422} or (rule, response.status_code) in others, case
        elif rule.startswith("/api/"):
            assert response.status_code == 401, case
        else:
            assert (response.status_code, response.location.partition("?")[0]) == (303, "/login"), case


@pytest.mark.one_engine
def test_a_member_can_open_only_routes_without_permission(app: App, member: Browser) -> None:
    for method, rule, endpoint in ROUTES:
        if (method, rule) in PUBLIC_ROUTES or "/api/" in rule:
            continue
        # Some routes end the session.
        browser = Browser(app).signed_in_as("member@example.com")
        guard = app.view_functions[endpoint].guard
        response = browser.client.open(address(rule), method=method, data={"csrf_token": browser.csrf_token()})
        assert (response.status_code == 403) == (guard != SIGNED_IN), f"{method} {rule}"


def test_every_response_has_security_headers(visitor: Browser) -> None:
    for path in ("/login", "/nowhere", "/api/v1/users", "/healthz", "/static/css/tokens.css"):
        headers = visitor.get(path).headers
        assert headers.getlist("Content-Security-Policy")[0].startswith("default-src 'none'; script-src 'self';")
        assert len(headers.getlist("Content-Security-Policy")) == 1
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Request-ID"]


def test_static_files_with_a_hash_are_immutable(visitor: Browser) -> None:
    found = re.search(r"/static/css/tokens\.css\?v=[0-9a-f]+", visitor.get("/login").text)
    assert "immutable" in visitor.get(found[0]).headers["Cache-Control"]


def test_https_sets_host_only_cookies_and_hsts(app_with: Callable[..., App]) -> None:
    https = app_with(BASE_URL="https://people.example")
    response = https.test_client().get("/login", base_url="https://people.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-rollcall-")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert response.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_production_never_runs_in_debug_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    environ = {"SECRET_KEY": SECRET_KEY, "DATABASE_URL": "sqlite:////tmp/unused.db"}
    for env, debug in (("development", True), ("production", False)):
        assert create_app(load_settings(environ | {"APP_ENV": env})).debug is debug


def test_production_refuses_other_host_names(app_with: Callable[..., App]) -> None:
    production = app_with(APP_ENV="production", BASE_URL="https://people.example", SECRET_KEY=SECRET_KEY)
    client = production.test_client()
    assert client.get("/login", base_url="https://evil.example").status_code == 400
    assert client.get("/login", base_url="https://people.example").status_code == 200


@pytest.mark.parametrize(("status", "path", "method"), [(404, "/nowhere", "GET"), (405, "/login", "DELETE")])
def test_an_error_page_shows_the_request_id(visitor: Browser, status: int, path: str, method: str) -> None:
    response = visitor.client.open(path, method=method)
    assert response.status_code == status
    assert response.headers["X-Request-ID"] in response.text


def test_the_page_of_an_exception_does_not_show_its_message(
    app: App, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a secret message")

    endpoint, _arguments = app.url_map.bind("localhost").match("/users")
    broken.guard = app.view_functions[endpoint].guard
    monkeypatch.setitem(app.view_functions, endpoint, broken)
    response = owner.get("/users")
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.text
    assert "a secret message" not in response.text


@pytest.mark.parametrize(
    ("networks", "seen"), [("", "127.0.0.1"), ("10.0.0.0/8", "127.0.0.1"), ("127.0.0.0/8", "9.9.9.9")]
)
def test_only_trusted_proxies_can_set_the_client_address(networks: str, seen: str) -> None:
    def answer(environ: dict[str, str], _start: object) -> list[bytes]:
        return [environ["REMOTE_ADDR"].encode()]

    settings = load_settings({"APP_ENV": "testing", "TRUSTED_PROXIES": networks})
    proxied = TrustedProxies(answer, settings.proxies)
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 9.9.9.9"}
    assert proxied(environ, None) == [seen.encode()]


def test_a_missing_static_file_is_not_cached(visitor: Browser) -> None:
    response = visitor.get("/static/css/gone.css?v=abc")
    assert (response.status_code, "immutable" in response.headers.get("Cache-Control", "")) == (404, False)
