"""A sign-in runs few statements, and the same ones whether or not the account exists."""

from __future__ import annotations

import re

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.web.api import App

EMAIL = "olga@example.com"


def statements_of(app: App, browser: Browser, **fields: str) -> list[str]:
    """Return the statements of a sign-in, without those of the audit trail: their number depends on the engine."""
    form = {"csrf_token": browser.csrf_token()} | fields
    with captured_queries(app) as seen:
        browser.client.post("/login", data=form)
    return [each for each in seen if not re.search(r"audit_(heads|records|details) ", each)]


def shortened(statements: list[str]) -> list[str]:
    """Return the verb and the first table of each statement: `SELECT users`."""
    pattern = re.compile(r"(SELECT|INSERT|UPDATE|DELETE).*?\b(users|known_devices|sessions|jobs)\b", re.DOTALL)
    found = map(pattern.search, statements)
    return [f"{each[1]} {each[2]}" for each in found if each]


def test_a_sign_in_from_a_known_device_runs_six_statements_and_an_audit_record(app: App, people: People) -> None:
    people.owner()
    browser = Browser(app).sign_in(EMAIL)
    browser.post("/logout")
    seen = statements_of(app, browser, email=EMAIL, password=people.password)
    assert shortened(seen) == [
        "SELECT users",
        "SELECT known_devices",
        "SELECT users",
        "UPDATE known_devices",
        "INSERT sessions",
        "UPDATE users",
    ]
    assert len(seen) == 6


def test_a_sign_in_from_a_new_device_also_enqueues_its_notice(app: App, people: People) -> None:
    people.owner()
    Browser(app).sign_in(EMAIL)
    seen = statements_of(app, Browser(app), email=EMAIL, password=people.password)
    assert shortened(seen) == [
        "SELECT users",
        "SELECT users",
        "INSERT known_devices",
        "INSERT jobs",
        "INSERT sessions",
        "UPDATE users",
    ]
    assert len(seen) == 6


@pytest.mark.parametrize("cookie", [False, True])
def test_a_failed_sign_in_runs_the_same_statements_for_every_account(app: App, people: People, *, cookie: bool) -> None:
    people.create(email=EMAIL, username="olga", password=people.password)
    people.create(email="invited@example.com")
    browser = Browser(app)
    if cookie:
        statements_of(app, browser, email="nobody@example.com", password="x" * 20)
    seen = []
    for email in (EMAIL, "nobody@example.com", "invited@example.com"):
        seen.append(statements_of(app, browser, email=email, password="not the password"))
        if not cookie:
            browser = Browser(app)
    assert seen[0] == seen[1] == seen[2] != []
    usernames = [statements_of(app, Browser(app), email=name, password="not the password") for name in ("olga", "ivan")]
    assert usernames[0] == usernames[1]
