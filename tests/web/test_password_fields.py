"""Fields for passwords are masked, work with password managers, and passwords never grow too old."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from tests.clients import Browser
from tests.factories import People
from webapp.core.clock import now

pytestmark = pytest.mark.one_engine
INPUT = re.compile(r"<input[^>]*>")


@pytest.mark.parametrize(
    ("path", "purposes"),
    [
        ("/login", ["current-password"]),
        ("/confirm", ["current-password"]),
        ("/account/password", ["current-password", "new-password"]),
        ("/users/new", ["new-password"]),
    ],
)
def test_they_are_masked_and_say_what_they_are_for(
    visitor: Browser, owner: Browser, path: str, purposes: list[str]
) -> None:
    page = (visitor if path == "/login" else owner).get(path).text
    fields = [field for field in INPUT.findall(page) if re.search(r'name="(current_)?password"', field)]
    assert all('type="password"' in field for field in fields)
    assert [re.search(r'autocomplete="([^"]*)"', field)[1] for field in fields] == purposes
    # Pasting is not prevented: pages have no inline scripts, and no script names it.
    assert "paste" not in page


def test_a_password_stays_valid_for_years(visitor: Browser, people: People) -> None:
    people.owner()
    with time_machine.travel(now() + timedelta(days=3650)):
        visitor.sign_in("olga@example.com")
        assert visitor.get("/users").status_code == 200
