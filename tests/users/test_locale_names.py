"""Usual names of languages and time zones are understood, and English dates follow the browser."""

from __future__ import annotations

import pytest

from tests.clients import Api, Browser
from tests.factories import People

pytestmark = pytest.mark.one_engine
NAMES = [
    ("en-US", "Etc/UTC", "en", "UTC"),
    ("en_GB", "europe/berlin", "en", "Europe/Berlin"),
    ("RU", "utc", "ru", "UTC"),
    ("ru-RU", "AMERICA/NEW_YORK", "ru", "America/New_York"),
]


@pytest.mark.parametrize(("locale", "timezone", "known_locale", "known_timezone"), NAMES)
def test_the_api_understands_them(api: Api, locale: str, timezone: str, known_locale: str, known_timezone: str) -> None:
    created = api.post("/users", {"email": "a@example.com", "name": "A", "locale": locale, "timezone": timezone}).json
    assert (created["locale"], created["timezone"]) == (known_locale, known_timezone)
    address = f"/users/{created['id']}"
    assert api.patch(address, {"locale": None, "timezone": ""}).json["timezone"] is None
    changed = api.patch(address, {"locale": locale, "timezone": timezone}).json
    assert (changed["locale"], changed["timezone"]) == (known_locale, known_timezone)
    assert api.patch(address, {"timezone": timezone}).json["version"] == changed["version"]


@pytest.mark.parametrize(("locale", "timezone", "known_locale", "known_timezone"), NAMES)
def test_the_account_page_understands_them(
    owner: Browser, people: People, locale: str, timezone: str, known_locale: str, known_timezone: str
) -> None:
    assert owner.post("/account/preferences", locale=locale, timezone=timezone).status_code == 303
    row = people.row(email="olga@example.com")
    assert (row["locale"], row["timezone"]) == (known_locale, known_timezone)


@pytest.mark.parametrize(
    ("field", "value"), [("locale", "de-DE"), ("locale", "-en"), ("timezone", "Moon/Base"), ("timezone", "UTC+1")]
)
def test_others_are_refused(api: Api, owner: Browser, people: People, field: str, value: str) -> None:
    before = people.row_counts()
    response = api.post("/users", {"email": "a@example.com", "name": "A", field: value})
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, field)
    assert owner.post("/account/preferences", **{field: value}).status_code == 422
    assert people.row_counts() == before


@pytest.mark.parametrize(
    ("accepted", "british"),
    [
        ("en-GB,en-US;q=0.9,en;q=0.8", True),
        ("en-au", True),
        ("de-DE,en-GB;q=0.5", True),
        ("en-US,en;q=0.9", False),
        ("en-US,en-GB;q=0.5", False),
        ("en", False),
        ("", False),
    ],
)
def test_english_dates_follow_the_browser(owner: Browser, people: People, accepted: str, british: bool) -> None:
    day = people.owner().created_at
    page = owner.get(f"/users/{people.owner().id}", headers={"Accept-Language": accepted}).text
    assert (f"{day.day} {day:%b %Y}" in page) == british
    assert (f"{day:%b} {day.day}, {day.year}" in page) == (not british)
    assert ("\u202fAM" in page or "\u202fPM" in page) == (not british)


def test_dates_in_russian_do_not_follow_the_browser(owner: Browser, people: People) -> None:
    owner.post("/account/preferences", locale="ru")
    page = owner.get(f"/users/{people.owner().id}", headers={"Accept-Language": "en-GB"}).text
    assert f"{people.owner().created_at:%b}" not in page
