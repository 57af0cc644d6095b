"""Text that people paste: hidden characters, names with joiners, compatibility ideographs, apostrophes of all kinds."""

from __future__ import annotations

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

HIDDEN = ["\u200b", "\ufeff", "\u00ad", "\t", "\u202e", "\u2066", "\u200e", "\x00", "\u2028", "\u034f", "\U000e0041"]


def names(api: Api, **query: str) -> list[str]:
    return sorted(user["name"] for user in api.get("/users", query_string=query).json["items"])


@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_characters_are_dropped_from_searches_and_filters(
    api: Api, owner: Browser, people: People, hidden: str
) -> None:
    people.create(name="Anna Berg", email="anna@example.com")
    assert names(api, q=f"{hidden}anna{hidden}") == ["Anna Berg"]
    assert names(api, q=f"anna{hidden} berg{hidden}") == ["Anna Berg"]
    assert names(api, role=f"{hidden}owner{hidden}") == ["Ольга Смирнова"]
    for path in ("/users?q=", "/users?role=owner", "/audit?actor=", "/audit?subject=", "/groups?q=", "/users?at="):
        assert owner.get(path + hidden).status_code == 200, path


@pytest.mark.parametrize("hidden", [*HIDDEN, "\u200b\ufeff"])
def test_a_search_of_hidden_characters_alone_finds_nobody(api: Api, people: People, hidden: str) -> None:
    people.create(name="Anna Berg")
    if not hidden.isspace():
        assert names(api, q=hidden) == []


@pytest.mark.parametrize("name", ["علی\u200cرضا", "می\u200cخواهم", "क्\u200dष", "👩\u200d💻 Jack"])
def test_a_name_with_joiners_is_found_by_itself(api: Api, people: People, name: str) -> None:
    people.create(name=name)
    assert names(api, q=name) == [name]


@pytest.mark.parametrize(("stored", "unified"), [("\uf9da花", "栗花"), ("神\ufa19谷", "神神谷")])
def test_compatibility_ideographs_are_kept_and_found_either_way(
    api: Api, people: People, stored: str, unified: str
) -> None:
    created = people.create(name=stored)
    assert created.name == stored
    assert names(api, q=stored) == [stored]
    assert names(api, q=unified) == [stored]


@pytest.mark.parametrize("stored", ["O\u02bcConnor", "O'Connor", "O\u2019Connor", "Натал\u02bcя Шевченко"])
@pytest.mark.parametrize("typed", ["\u02bc", "'", "\u2019"])
def test_an_apostrophe_is_found_by_any_other(api: Api, people: People, stored: str, typed: str) -> None:
    assert people.create(name=stored).name == stored
    word = stored.split(maxsplit=1)[0]
    for mark in ("\u02bc", "'", "\u2019"):
        word = word.replace(mark, typed)
    assert names(api, q=word) == [stored]


def test_the_command_drops_hidden_characters(app: App, people: People) -> None:
    people.create(name="Anna Berg", email="anna@example.com")
    result = app.test_cli_runner().invoke(args=["users", "list", "--q", "\u200banna\ufeff"])
    assert (result.exit_code, "anna@example.com" in result.output) == (0, True)
