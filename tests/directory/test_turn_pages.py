"""Links to the first and last page, and starting the list at some letters or a day."""

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
def five_users(people: People) -> None:
    """Create five users, whose names sort before the owner's."""
    for name in NAMES:
        people.create(name=name)


def names(page: str) -> list[str]:
    return re.findall(r'class="person-name"><a [^>]*><bdi>([^<]+)</bdi>', page)


def link(page: str, rel: str) -> str:
    found = re.search(rf'<a class="button[^"]*"\s+rel="{rel}"\s+href="([^"]+)"', page)
    assert found, f"no link to {rel}"
    return html.unescape(found[1])


def test_pages_link_to_the_first_and_last_page(owner: Browser, five_users: None) -> None:
    first = owner.get("/users?limit=2").text
    assert 'rel="first"' not in first
    last = owner.get(link(first, "last")).text
    assert names(last) == ["Ella Frost", "Ольга Смирнова"]
    assert 'rel="last"' not in last
    assert names(owner.get(link(last, "prev")).text) == ["Carl Moss", "Dora Lind"]
    assert link(last, "first") == "/users?limit=2"


def test_the_list_can_start_at_letters_and_be_paged_both_ways(owner: Browser, five_users: None) -> None:
    page = owner.get("/users?limit=2&status=invited&at=C").text
    assert names(page) == ["Carl Moss", "Dora Lind"]
    assert names(owner.get(link(page, "prev")).text) == ["Anna Berg", "Boris Vale"]
    for rel in ("first", "prev", "next"):
        assert "at=" not in link(page, rel)
        assert "status=invited" in link(page, rel)


def test_the_start_of_the_list_has_a_chip_that_removes_it(owner: Browser, five_users: None) -> None:
    page = owner.get("/users?limit=2&at=%3CC").text
    assert re.search(r'<a class="chip"\s+href="/users\?limit=2"[^>]*>.*?Starts at</span><bdi>&lt;C</bdi>', page)
    assert "Starts at" not in owner.get("/users?limit=2").text


def test_links_to_other_orders_and_filters_drop_the_start(owner: Browser, five_users: None) -> None:
    page = owner.get("/users?limit=2&at=C").text
    links = re.findall(r'href="(/users\?[^"]*)"', page)
    assert links
    assert [each for each in links if re.search(r"[?;&]at=", each)] == []
    assert owner.get("/users/filters?at=C&q=a").text.count('name="at"') == 0


@pytest.mark.parametrize(
    ("sort", "field"),
    [("name", "text"), ("-email", "text"), ("username", "text"), ("created", "date"), ("-last_sign_in", "date")],
)
def test_the_start_field_matches_the_sort_order_and_keeps_parameters(
    owner: Browser, five_users: None, sort: str, field: str
) -> None:
    page = owner.get(f"/users?limit=2&sort={sort}&q=example").text
    form = re.search(r'<form class="pager-jump".*?</form>', page, re.DOTALL)
    assert form
    assert re.search(rf'name="at"\s+type="{field}"', form[0])
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    assert hidden == {"limit": "2", "sort": sort, "q": "example"}


def test_a_start_after_all_users_links_back(owner: Browser, five_users: None) -> None:
    page = owner.get("/users?limit=2&at=%D1%8F%D1%8F").text
    assert "No one after “яя”" in page
    assert 'href="/users?limit=2"' in page


def test_a_start_needs_no_additional_statement(app: App, owner: Browser, five_users: None) -> None:
    for address in ("/users?limit=2", "/users?limit=2&at=C"):
        with captured_queries(app) as seen:
            owner.get(address)
        # One of them reads the invitations of people without a password.
        assert len(seen) == 4, address


def test_a_saved_view_does_not_contain_the_start(owner: Browser, five_users: None) -> None:
    page = owner.get("/users?limit=2&at=C&status=invited").text
    assert 'name="address" value="sort=name&amp;status=invited"' in page
