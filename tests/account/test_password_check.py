"""A new password is checked on the server while it is typed."""

from __future__ import annotations

import pytest

from tests.clients import Browser

pytestmark = pytest.mark.one_engine


def problem(browser: Browser, password: str, **fields: str) -> str | None:
    response = browser.post("/password-check", password=password, **fields)
    assert response.status_code == 200
    return response.json["problem"]


def test_a_good_password_has_no_problem(visitor: Browser) -> None:
    assert problem(visitor, "correct horse battery staple") is None
    assert problem(visitor, "k7#pWq2z", minimum="8") is None


@pytest.mark.parametrize("password", ["", "short", "\x00" * 20, "\u202e" * 20, "é" * 5000, "passwordpassword"])
def test_others_have_one(visitor: Browser, password: str) -> None:
    assert problem(visitor, password)


@pytest.mark.parametrize("minimum", ["", "1", "-8", "x"])
def test_the_minimum_is_one_of_two(visitor: Browser, minimum: str) -> None:
    assert problem(visitor, "k7#pWq2z", minimum=minimum) == "Enter a password of at least 15 characters"


def test_words_of_the_person_count(visitor: Browser, member: Browser) -> None:
    assert problem(visitor, "wilhelmina wilhelmina 1", name="Wilhelmina") is not None
    assert problem(member, "member@example.com") is not None
    assert problem(visitor, "member@example.com") is None


def test_it_needs_the_token_of_a_form(visitor: Browser) -> None:
    assert visitor.client.post("/password-check", data={"password": "x"}).status_code == 400


def test_it_is_limited(visitor: Browser) -> None:
    answers = {visitor.post("/password-check", password="short").status_code for _try in range(130)}
    assert answers == {200, 429}
