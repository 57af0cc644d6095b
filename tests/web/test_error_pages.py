"""Error pages, titles of pages with errors, and names that screen readers read out."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    ("path", "back"), [("/users/{id}", "/users"), ("/groups/{id}", "/groups"), ("/no-such-page", "/users")]
)
def test_an_error_page_keeps_the_menu_and_leads_back_to_the_list(owner: Browser, path: str, back: str) -> None:
    page = owner.get(path.format(id=uuid4()))
    assert page.status_code == 404
    assert 'class="side-links"' in page.text
    assert f'href="{back}">Back to the list' in page.text


def test_an_error_page_offers_no_list_that_is_refused(member: Browser, visitor: Browser) -> None:
    page = member.get("/users")
    assert page.status_code == 403
    assert "Back to the list" not in page.text
    assert "Go to the home page" in page.text
    assert 'class="side-links"' not in visitor.get("/no-such-page").text


def test_the_title_says_that_a_form_has_errors(owner: Browser) -> None:
    assert "<title>Add user" in owner.get("/users/new").text
    response = owner.post("/users", name="", email="x")
    assert response.status_code == 422
    assert "<title>Error: Add user" in response.text
    assert "<title>Users" in owner.get("/users").text


def test_the_first_field_of_a_new_user_has_the_focus(owner: Browser) -> None:
    assert focused(owner.get("/users/new").text) == ['id="name"']
    assert focused(owner.post("/users", name="", email="x").text) == ['role="alert"']


def focused(page: str) -> list[str]:
    tags = re.findall(r"<[^>]*\bautofocus\b[^>]*>", page)
    return [found for tag in tags for found in re.findall(r'id="name"|role="alert"', tag)]


def test_copy_buttons_have_names_of_their_own(owner: Browser, people: People) -> None:
    anna = people.create(name="Anna")
    names = re.findall(r'aria-label="(Copy[^"]*)"', owner.get(f"/users/{anna.id}").text)
    assert f"Copy {anna.id}" in names
    assert len(set(names)) == len(names)


def test_the_name_is_the_header_of_a_row(owner: Browser, access: Access, people: People) -> None:
    group_id = access.group("North")
    access.add_member(group_id, people.create(name="Anna").id)
    for path in ("/users", f"/groups/{group_id}"):
        assert 'role="rowheader"' in owner.get(path).text


def test_the_first_page_says_where_the_set_up_link_is(app: App, people: People) -> None:
    response = Browser(app).get("/")
    assert response.location == "/setup"
    assert "flask --app wsgi setup link" in Browser(app).get("/setup").text
    people.create(name="Anna")
    assert Browser(app).get("/").location == "/login"
    assert "flask --app wsgi setup link" not in Browser(app).get("/setup").text


def test_a_list_that_refuses_its_address_leads_back_to_itself(owner: Browser) -> None:
    page = owner.get("/users?sort=password_hash")
    assert (page.status_code, 'href="/users">Back to the list' in page.text) == (400, True)
