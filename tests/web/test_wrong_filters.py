"""A wrong filter does not lead away from its page: the message stands beside the field, and what was typed stays."""

from __future__ import annotations

import re

import pytest

from tests.attributes.conftest import Catalogue
from tests.clients import Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
NO_DAYS = "Enter a later day: this period has no days"
NOT_A_DATE = "Enter a date like 2026-03-01"


@pytest.fixture
def size(app: App, people: People) -> None:
    Catalogue(app, people).define("size", "number")


@pytest.mark.parametrize(
    ("query", "field", "message", "typed_texts"),
    [
        ("group=Nobody", "filter-group", "There is no group “Nobody”", ["Nobody"]),
        ("role=King", "filter-role", "There is no role “King”", ["King"]),
        ("attr.size=large", "filter-attr.size", "Size must be a number", ["large"]),
        ("attr.size=10..5", "filter-attr.size", "The end of the range must be after its start", ["10", "5"]),
        ("created=2026-03-02..soon", "filter-created", "is not a date", ["2026-03-02", "soon"]),
        ("created_from=20260-01-01", "filter-created", NOT_A_DATE, ["20260-01-01"]),
        ("last_sign_in_after=soon", "filter-last_sign_in", NOT_A_DATE, ["soon"]),
        ("created_from=2026-03-02&created_to=2026-03-01", "filter-created", NO_DAYS, ["2026-03-02", "2026-03-01"]),
        (
            "last_sign_in_after=2026-03-01&last_sign_in_before=2026-03-01",
            "filter-last_sign_in",
            NO_DAYS,
            ["2026-03-01", "2026-02-28"],
        ),
    ],
)
@pytest.mark.usefixtures("size")
def test_the_list_shows_its_filters_with_the_message(
    owner: Browser, query: str, field: str, message: str, typed_texts: list[str]
) -> None:
    response = owner.get(f"/users?{query}&q=anna&sort=-created")
    assert response.status_code == 400
    assert f'id="{field}-error"' in response.text
    assert message in response.text
    for typed in typed_texts:
        assert re.search(rf'<input[^>]*value="{typed}"', response.text)
    for name, value in (("q", "anna"), ("sort", "-created")):
        assert f'name="{name}" value="{value}"' in response.text


@pytest.mark.usefixtures("size")
def test_all_wrong_filters_are_shown_at_once(owner: Browser) -> None:
    page = owner.get("/users?group=Nobody&attr.size=large&created_from=2026-03-02&created_to=2026-03-01").text
    assert all(f'id="filter-{name}-error"' in page for name in ("group", "attr.size", "created"))
    assert all(f'href="#filter-{name}"' in page for name in ("group", "attr.size", "created"))


def test_parameters_without_a_field_lead_to_the_error_page(owner: Browser) -> None:
    for query in ("limit=None", "sort=nothing", "after=x", "limit=0&group=Nobody", "sort=attr.none"):
        response = owner.get(f"/users?{query}")
        assert (response.status_code, "filter-form" in response.text) == (400, False), query


def test_a_wrong_day_to_start_at_is_shown_beside_its_field(owner: Browser, people: People) -> None:
    people.create_many(26)
    response = owner.get("/users?sort=created&limit=25&at=20260-01-01")
    assert (response.status_code, 'id="pager-at-error"' in response.text) == (400, True)
    assert re.search(r'id="pager-at"[^>]*value="20260-01-01"', response.text)


@pytest.mark.parametrize(
    ("address", "field", "typed"),
    [
        ("/audit?since=20260-01-01&action=user.created", "since", "20260-01-01"),
        ("/audit?until=24.11.2026", "until", "24.11.2026"),
        ("/audit?since=2026-03-02&until=2026-03-01", "until", "2026-03-01"),
        ("/access-review?on=20260-01-01", "on", "20260-01-01"),
        ("/access-review?on=2026-03-01&since=2026-03-01", "since", "2026-03-01"),
        ("/users/{owner}/as-of?on=soon", "on", "soon"),
    ],
)
def test_other_pages_show_it_beside_their_field(
    owner: Browser, people: People, address: str, field: str, typed: str
) -> None:
    response = owner.get(address.format(owner=people.owner().id))
    assert (response.status_code, f'id="{field}-error"' in response.text) == (400, True)
    assert re.search(rf'id="{field}"[^>]*value="{typed}"', response.text)
    assert "<table" not in response.text
    assert 'class="log' not in response.text


def test_more_columns_leads_back_to_the_same_list(owner: Browser) -> None:
    page = owner.get("/users/display?sort=-created&limit=50&q=anna").text
    back = re.search(r'name="next" value="([^"]+)"', page)
    assert back
    assert "limit" not in back[1]
    assert owner.get(back[1].replace("&amp;", "&")).status_code == 200


def test_count_exactly_stays_on_the_page(owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 5)
    people.create_many(12)
    first = owner.get("/users?limit=3&q=person").text
    after = re.search(r'after=([^&"]+)', first)
    assert after
    second = owner.get(f"/users?limit=3&q=person&after={after[1]}").text
    link = re.search(r'href="([^"]+)">Count exactly', second)
    assert link
    assert f"after={after[1]}" in link[1]
    third = owner.get("/users" + link[1].replace("&amp;", "&")).text
    assert "12 people" in third
    following = re.search(r'href="(/users\?[^"]*after=[^"]*)"', third)
    assert following
    assert "12 people" in owner.get(following[1].replace("&amp;", "&")).text
