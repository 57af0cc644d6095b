"""Searches that no one should type. `python -m bench.odd_searches` measures the same ones among 200,000 people."""

from __future__ import annotations

import pytest

from bench.odd_searches import odd_searches
from tests.clients import Api
from webapp.directory.query_language import parse_search
from webapp.directory.ranking import SecondWord, tiers_of
from webapp.users.models import User


def test_every_odd_search_is_answered_or_refused(api: Api, engine_name: str, exhaustive: bool) -> None:
    searches = odd_searches()
    assert len(searches) > 600
    # One half on each engine.
    for text in searches if exhaustive else searches[engine_name == "sqlite" :: 2]:
        assert api.get("/users", query_string={"q": text}).status_code in {200, 400}, text


@pytest.mark.parametrize("text", ["example.com", "anna@example.com", "anna.smirnova", "anna_s"])
def test_an_address_is_not_searched_for_as_a_second_word(text: str) -> None:
    # In no name does a word begin with it, so that the scan would read 20,000 rows for nothing.
    for key in (User.name_key, User.email_key):
        assert not [tier for tier in tiers_of(parse_search(text).words, key) if isinstance(tier, SecondWord)]
