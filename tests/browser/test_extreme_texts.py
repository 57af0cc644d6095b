"""Very long names and right-to-left names do not break the layout."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PageCase
from tests.browser.site import Site
from tests.browser.viewer import WIDER
from webapp.users.models import NAME_MAX, USERNAME_MAX

PAGES = ("/users?q={email}", "/users/{id}", "/users/{id}/activity", "/users/{id}/edit", "/users/{id}/deactivation")
NAMES = {
    "one long word": "Ж" * NAME_MAX,
    "right to left": "محمد بن عبد الله آل سعود",
    "both directions": "דוד Smith (דוד)",
    "markup": "<b>Bob</b> & “Quote” 'x'",
    "emoji": "Анна 🎉",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_does_not_break_the_layout(page: Page, site: Site, name: str) -> None:
    user = site.create_person(name, username=uuid4().hex * 2)
    assert len(user.username or "") == USERNAME_MAX
    page.set_viewport_size({"width": 320, "height": 900})
    for address in PAGES:
        PageCase(address, address).visit(page, {"id": str(user.id), "email": user.email})
        assert page.evaluate(WIDER) <= 0, address
    page.goto(f"/users/{user.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
