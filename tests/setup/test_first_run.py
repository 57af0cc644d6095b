"""Create the first owner of an empty database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.clients import Browser
from tests.factories import People
from webapp.setup.services import setup_link, setup_token
from webapp.web.api import App

OWNER = {"email": "olga@example.com", "name": "Ольга Смирнова", "password": "перекличка в полдень"}


@pytest.fixture
def link(app: App) -> str:
    with app.app_context():
        return f"/setup?token={setup_token()}"


def test_the_link_creates_the_first_owner_and_signs_them_in(visitor: Browser, people: People, link: str) -> None:
    assert visitor.get(link).status_code == 200
    response = visitor.post(link, **OWNER)
    assert (response.status_code, response.location) == (303, "/users")
    row = people.row(email="olga@example.com")
    assert row["status"] == "active"
    assert visitor.get("/users").status_code == 200
    assert [action for action, _changes in people.audit_trail(row["id"])] == [
        "user.created",
        "role.granted",
        "session.started",
    ]


def test_the_link_works_once(visitor: Browser, people: People, link: str) -> None:
    people.owner()
    before = people.row_counts()
    assert visitor.get(link).status_code == 410
    assert visitor.post(link, **OWNER | {"email": "second@example.com"}).status_code == 410
    assert people.row_counts() == before


def test_a_wrong_or_missing_token_is_refused(visitor: Browser, people: People) -> None:
    for address in ("/setup", "/setup?token=", "/setup?token=" + "0" * 64, "/setup?token=%FF", "/setup?token=ё"):
        assert visitor.get(address).status_code == 410
        assert visitor.post(address, **OWNER).status_code == 410
    assert people.count() == 0


def test_a_weak_password_is_refused(visitor: Browser, people: People, link: str) -> None:
    response = visitor.post(link, **OWNER | {"password": "short"})
    assert response.status_code == 422
    assert "at least 15 characters" in response.text
    assert not any(people.row_counts().values())


def test_two_simultaneous_requests_create_one_owner(app: App, people: People, link: str) -> None:
    barrier = Barrier(2, timeout=300)

    def attempt(number: int) -> int:
        browser = Browser(app)
        token = browser.csrf_token()
        barrier.wait()
        fields = OWNER | {"email": f"owner{number}@example.com", "csrf_token": token}
        return browser.client.post(link, data=fields).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == [303, 410]
    assert people.count() == 1


def test_the_command_prints_the_link_only_without_users(app: App, people: People) -> None:
    with app.app_context():
        assert setup_link() == f"{app.settings.base_url}/setup?token={setup_token()}"
    people.owner()
    with app.app_context():
        assert setup_link() is None


def test_choosing_a_language_keeps_the_link(visitor: Browser, link: str) -> None:
    token = link.partition("=")[2]
    assert f"?token={token}&amp;lang=ru" in visitor.get(link).text
    assert "Добро пожаловать" in visitor.get(link + "&lang=ru").text


def test_a_wrong_link_does_not_say_that_set_up_is_done(visitor: Browser, people: People) -> None:
    assert "The terminal that runs Rollcall shows it" in visitor.get("/setup?token=wrong").text
    people.owner()
    assert "already set up" in visitor.get("/setup?token=wrong").text
