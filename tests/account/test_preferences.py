"""Theme, language and time zone of a user."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.factories import People

pytestmark = pytest.mark.one_engine


def test_the_theme_is_saved(owner: Browser, people: People) -> None:
    assert 'data-theme="system"' in owner.get("/users").text
    response = owner.post("/account/preferences", theme="dark", next="/users")
    assert (response.status_code, response.location) == (303, "/users")
    assert 'data-theme="dark"' in owner.get("/users").text


def test_the_language_is_saved(owner: Browser, people: People) -> None:
    owner.post("/account/preferences", locale="ru")
    page = owner.get("/users").text
    assert '<html lang="ru"' in page
    assert "Пользователи" in page
    assert people.audit_trail(people.owner().id)[-1] == ("user.updated", {"locale": [None, "ru"]})


def test_times_are_shown_in_the_time_zone(owner: Browser, people: People) -> None:
    owner.post("/account/preferences", timezone="Asia/Tokyo", locale="en", theme="light")
    assert people.row(email="olga@example.com")["timezone"] == "Asia/Tokyo"


def test_fields_that_are_not_sent_stay(owner: Browser, people: People) -> None:
    owner.post("/account/preferences", theme="dark")
    owner.post("/account/preferences", locale="ru")
    row = people.row(email="olga@example.com")
    assert (row["theme"], row["locale"]) == ("dark", "ru")


@pytest.mark.parametrize("field", ["theme", "locale", "timezone"])
@pytest.mark.parametrize("value", ["nonsense", "\x00", "x" * 500, "\u202e"])
def test_values_that_are_not_offered_are_refused(owner: Browser, people: People, field: str, value: str) -> None:
    before = people.row_counts(), people.row(email="olga@example.com")
    assert owner.post("/account/preferences", **{field: value}).status_code == 422
    assert (people.row_counts(), people.row(email="olga@example.com")) == before


def test_a_user_without_roles_sees_only_their_own_account(member: Browser) -> None:
    assert member.get("/", follow_redirects=True).request.path == "/account"
    assert "/users" not in member.get("/account").text


def test_the_browser_chooses_the_language_before_signing_in(visitor: Browser) -> None:
    page = visitor.get("/login", headers={"Accept-Language": "ru-RU,ru;q=0.9"}).text
    assert '<html lang="ru"' in page
    assert '<html lang="en"' in visitor.get("/login?lang=en", headers={"Accept-Language": "ru"}).text
    assert '<html lang="en"' in visitor.get("/login", headers={"Accept-Language": "ru"}).text


def test_an_empty_theme_is_refused_and_an_empty_language_means_the_browser(owner: Browser, people: People) -> None:
    assert owner.post("/account/preferences", theme="").status_code == 422
    owner.post("/account/preferences", locale="ru")
    assert owner.post("/account/preferences", locale="", timezone="").status_code == 303
    row = people.row(email="olga@example.com")
    assert (row["theme"], row["locale"], row["timezone"]) == ("system", None, None)


def test_the_language_of_the_address_comes_first(owner: Browser) -> None:
    owner.post("/account/preferences", locale="en")
    assert '<html lang="ru"' in owner.get("/api/docs?lang=ru").text
