"""Forms that no longer fit the session: two tabs to sign in, and the reasons that a page names."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.clients import Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def csrf_token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def second_tab(people: People, visitor: Browser) -> dict[str, str]:
    """Return the fields of a sign-in form that was opened before somebody signed in, in another tab."""
    people.owner()
    token = csrf_token(visitor.get("/login?next=/roles").text)
    return {"csrf_token": token, "email": "olga@example.com", "password": people.password, "next": "/roles"}


def test_both_of_two_sign_in_tabs_work(visitor: Browser, people: People, second_tab: dict[str, str]) -> None:
    assert visitor.client.post("/login", data=second_tab).location == "/roles"
    before = people.row_counts()
    again = visitor.client.post("/login", data=second_tab)
    assert (again.status_code, again.location) == (303, "/roles")
    assert visitor.get("/users").status_code == 200
    assert people.row_counts() == before


def test_a_sign_in_form_from_before_a_sign_out_keeps_the_address_and_works_then(
    visitor: Browser, second_tab: dict[str, str]
) -> None:
    visitor.client.post("/login", data=second_tab)
    visitor.post("/logout")
    visitor.get("/login")
    shown = visitor.client.post("/login", data=second_tab)
    assert (shown.status_code, 'value="olga@example.com"' in shown.text) == (400, True)
    assert "You signed in or out after you opened this form" in shown.text
    assert second_tab["password"] not in shown.text
    again = second_tab | {"csrf_token": csrf_token(shown.text)}
    assert visitor.client.post("/login", data=again).status_code == 303


def test_the_page_names_blocked_cookies(app: App, second_tab: dict[str, str]) -> None:
    response = app.test_client(use_cookies=False).post("/login", data=second_tab)
    assert (response.status_code, "Your browser sent no cookie" in response.text) == (400, True)


def test_the_page_names_an_https_address_that_was_opened_without_https(
    app: App, second_tab: dict[str, str], change_settings: Callable[..., None]
) -> None:
    change_settings(base_url="https://rollcall.example")
    client = app.test_client(use_cookies=False)
    assert "Open https://rollcall.example" in client.post("/login", data=second_tab).text
    secure = client.post("/login", data=second_tab, base_url="https://localhost")
    assert "Your browser sent no cookie" in secure.text


def test_other_forms_name_the_reason_too(owner: Browser, people: People) -> None:
    token = csrf_token(owner.get("/users/new").text)
    owner.post("/logout")
    owner.signed_in_as("olga@example.com")
    owner.get("/users/new")
    before = people.row_counts()
    fields = {"name": "Anna", "email": "anna@example.com"}
    response = owner.client.post("/users", data=fields | {"csrf_token": token})
    assert (response.status_code, "after you opened this form" in response.text) == (400, True)
    response = owner.client.post("/users", data=fields)
    assert (response.status_code, "came from another site" in response.text) == (400, True)
    assert people.row_counts() == before


def test_the_form_to_confirm_the_password_is_shown_again(owner: Browser, people: People) -> None:
    response = owner.client.post("/confirm", data={"password": people.password, "next": "/roles"})
    assert (response.status_code, 'name="password"' in response.text, "/roles" in response.text) == (400, True, True)
