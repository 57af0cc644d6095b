"""The search says what it understands, in the words of the page's language, and understands what it says."""

from __future__ import annotations

import html
import re

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People

pytestmark = pytest.mark.one_engine


def examples(page: str) -> dict[str, str]:
    """What can be typed → where it leads."""
    found = re.search(r'<details class="menu list-menu search-help".*?</details>', page, re.DOTALL)
    assert found
    pairs = re.findall(r'<a href="([^"]+)"><code>(.*?)</code>', found[0])
    return {html.unescape(typed): html.unescape(address) for address, typed in pairs}


@pytest.mark.parametrize(("lang", "told"), [("en", "last_sign_in:never"), ("ru", "вход:никогда")])
def test_every_example_is_understood(owner: Browser, access: Access, people: People, lang: str, told: str) -> None:
    access.add_member(access.group("Night shift"), people.create(name="Anna Berg").id)
    offered = examples(owner.get(f"/users?sort=-created&at=2040-01-01&lang={lang}").text)
    assert told in offered
    assert len(offered) == 9
    for typed, address in offered.items():
        assert "sort=-created" in address, typed
        assert "at=" not in address, typed
        answer = owner.get(address)
        assert answer.status_code == 200, typed
        assert "notice-warn" not in answer.text, typed


def test_nobody_is_offered_to_be_added_by_the_name_of_a_filter(owner: Browser) -> None:
    assert "Add this user" in owner.get("/users?q=nobody").text
    for words in ("status:deactivated", '"nobody"'):
        page = owner.get("/users", query_string={"q": words}).text
        assert "No one matches" in page
        assert "Add this user" not in page
