"""Sign-ins are refused while all places for password hashes are taken."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.core.passwords import Hasher
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def one_hash_at_a_time(app: App, monkeypatch: pytest.MonkeyPatch, *, threads: int = 4) -> Hasher:
    hasher = Hasher("scrypt:1024:8:1", processes=1000, threads=threads)
    monkeypatch.setitem(app.registry._parts, Hasher, hasher)
    return hasher


def test_a_sign_in_waits_a_short_time_for_a_free_core(
    app: App, visitor: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.owner()
    monkeypatch.setattr("webapp.core.passwords.HASH_WAIT_SECONDS", 0)
    with one_hash_at_a_time(app, monkeypatch).slot():
        response = visitor.post("/login", email="olga@example.com", password=people.password)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")


def test_sign_ins_beyond_half_of_the_threads_are_refused_before_anything_is_read(
    app: App, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = one_hash_at_a_time(app, monkeypatch, threads=2)
    with hasher.slot(), captured_queries(app) as queries:
        response = visitor.post("/login", email="olga@example.com", password="whatever it may be")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert not queries


@pytest.mark.parametrize(
    ("accepted", "language", "text"),
    [
        ("en-GB,en;q=0.9", "en", "Too many people are signing in right now"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru", "Сейчас входит слишком много людей"),
        ("\x00;q=x", "en", "Too many people are signing in right now"),
    ],
)
def test_the_refusal_is_a_page_in_the_language_of_the_browser(
    app: App, visitor: Browser, monkeypatch: pytest.MonkeyPatch, accepted: str, language: str, text: str
) -> None:
    with one_hash_at_a_time(app, monkeypatch, threads=2).slot():
        response = visitor.client.post("/login", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}"' in response.text
    assert text in response.text


def test_the_refusal_has_the_headers_of_every_page_and_its_own_id(
    app: App, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one_hash_at_a_time(app, monkeypatch, threads=2).slot():
        first, second = (visitor.client.post("/login") for _time in range(2))
    page = visitor.get("/login")
    own = {"Retry-After", "X-Request-ID", "Content-Length"}
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    kept = {name: value for name, value in page.headers if name not in {*own, "Vary", "Set-Cookie"}}
    assert {name: value for name, value in first.headers if name not in own} == kept


def test_other_requests_are_served_meanwhile(app: App, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    with one_hash_at_a_time(app, monkeypatch, threads=2).slot():
        assert visitor.get("/login").status_code == 200
        assert visitor.post("/logout").status_code == 303
