"""The examples of the search help are in the page's language and are valid searches."""

from __future__ import annotations

import html
import re

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People

pytestmark = pytest.mark.one_engine


def examples(page: str) -> dict[str, str]:
    """Return the address of each example by its text."""
    found = re.search(r'<details class="menu list-menu search-help".*?</details>', page, re.DOTALL)
    assert found
    pairs = re.findall(r'<a href="([^"]+)"><code>(.*?)</code>', found[0])
    return {html.unescape(text): html.unescape(address) for address, text in pairs}


@pytest.mark.parametrize(("lang", "example"), [("en", "last_sign_in:never"), ("ru", "вход:никогда")])
def test_every_example_is_a_valid_search(
    owner: Browser, access: Access, people: People, lang: str, example: str
) -> None:
    access.add_member(access.group("Night shift"), people.create(name="Anna Berg").id)
    addresses = examples(owner.get(f"/users?sort=-created&at=2040-01-01&lang={lang}").text)
    assert example in addresses
    assert len(addresses) == 10
    for text, address in addresses.items():
        assert "sort=-created" in address, text
        assert "at=" not in address, text
        response = owner.get(address)
        assert response.status_code == 200, text
        assert "notice-warn" not in response.text, text


def test_a_search_with_filters_or_quotes_does_not_offer_to_add_a_user(owner: Browser) -> None:
    assert "Add this user" in owner.get("/users?q=nobody").text
    for words in ("status:deactivated", '"nobody"'):
        page = owner.get("/users", query_string={"q": words}).text
        assert "No one matches" in page
        assert "Add this user" not in page
