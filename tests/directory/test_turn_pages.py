"""To the ends of the list, and to where somebody wants to begin: letters or a day."""

from __future__ import annotations

import html
import re

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.web.api import App

NAMES = ("Anna Berg", "Boris Vale", "Carl Moss", "Dora Lind", "Ella Frost")


@pytest.fixture
def five(people: People) -> None:
    """Before the owner, Ольга Смирнова."""
    for name in NAMES:
        people.create(name=name)


def names(page: str) -> list[str]:
    return re.findall(r'class="person-name"><a [^>]*><bdi>([^<]+)</bdi>', page)


def link(page: str, rel: str) -> str:
    found = re.search(rf'<a class="button[^"]*"\s+rel="{rel}"\s+href="([^"]+)"', page)
    assert found, f"no link to {rel}"
    return html.unescape(found[1])


def test_the_last_page_and_the_first_are_one_press_away(owner: Browser, five: None) -> None:
    first = owner.get("/users?limit=2").text
    assert 'rel="first"' not in first
    last = owner.get(link(first, "last")).text
    assert names(last) == ["Ella Frost", "Ольга Смирнова"]
    assert 'rel="last"' not in last
    assert names(owner.get(link(last, "prev")).text) == ["Carl Moss", "Dora Lind"]
    assert link(last, "first") == "/users?limit=2"


def test_the_list_begins_at_letters_and_goes_on_in_both_directions(owner: Browser, five: None) -> None:
    page = owner.get("/users?limit=2&status=invited&at=C").text
    assert names(page) == ["Carl Moss", "Dora Lind"]
    assert names(owner.get(link(page, "prev")).text) == ["Anna Berg", "Boris Vale"]
    for rel in ("first", "prev", "next"):
        assert "at=" not in link(page, rel)
        assert "status=invited" in link(page, rel)


def test_where_it_begins_is_told_and_can_be_taken_away(owner: Browser, five: None) -> None:
    page = owner.get("/users?limit=2&at=%3CC").text
    assert re.search(r'<a class="chip"\s+href="/users\?limit=2"[^>]*>.*?Starts at</span><bdi>&lt;C</bdi>', page)
    assert "Starts at" not in owner.get("/users?limit=2").text


def test_another_order_or_filter_begins_at_its_beginning(owner: Browser, five: None) -> None:
    page = owner.get("/users?limit=2&at=C").text
    links = re.findall(r'href="(/users\?[^"]*)"', page)
    assert links
    assert [each for each in links if re.search(r"[?;&]at=", each)] == []
    assert owner.get("/users/filters?at=C&q=a").text.count('name="at"') == 0


@pytest.mark.parametrize(
    ("sort", "field"),
    [("name", "text"), ("-email", "text"), ("username", "text"), ("created", "date"), ("-last_sign_in", "date")],
)
def test_the_field_for_it_fits_the_order_and_keeps_the_rest(owner: Browser, five: None, sort: str, field: str) -> None:
    page = owner.get(f"/users?limit=2&sort={sort}&q=example").text
    form = re.search(r'<form class="pager-jump".*?</form>', page, re.DOTALL)
    assert form
    assert re.search(rf'name="at"\s+type="{field}"', form[0])
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    assert hidden == {"limit": "2", "sort": sort, "q": "example"}


def test_behind_everybody_there_is_a_way_back(owner: Browser, five: None) -> None:
    page = owner.get("/users?limit=2&at=%D1%8F%D1%8F").text
    assert "No one after “яя”" in page
    assert 'href="/users?limit=2"' in page


def test_it_costs_no_statement_more(app: App, owner: Browser, five: None) -> None:
    for address in ("/users?limit=2", "/users?limit=2&at=C"):
        with captured_queries(app) as seen:
            owner.get(address)
        assert len(seen) == 3, address


def test_a_view_keeps_not_where_somebody_began(owner: Browser, five: None) -> None:
    page = owner.get("/users?limit=2&at=C&status=invited").text
    assert 'name="address" value="sort=name&amp;status=invited"' in page
