"""A search that finds no one suggests words that are spelled almost alike, and the other keyboard layout."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import HELPDESK
from webapp.bin.services import delete_user
from webapp.core.keyboard import swap_layout
from webapp.db.session import db
from webapp.directory import tasks
from webapp.directory.models import NameWord
from webapp.directory.name_words import difference
from webapp.jobs.models import Job, State
from webapp.jobs.services import enqueue, run_job
from webapp.web.api import App

Suggest = Callable[..., list[tuple[str, str]]]
NOTHING: list[tuple[str, str]] = []


def count_words(app: App) -> dict[str, tuple[str, int]]:
    """Run the job. Return word → (spelling, people)."""
    with app.app_context():
        job_id = enqueue("directory.words", by=TESTER).id
        run_job(job_id, holder="here")
        assert db.session.get_one(Job, job_id).state == State.DONE
        return {row.word: (row.spelling, row.people) for row in db.session.scalars(select(NameWord))}


def suggestions(browser: Browser, text: str, **parameters: str) -> list[tuple[str, str]]:
    """Return the text and the number of people of each suggestion."""
    response = browser.get("/users", query_string={"q": text, **parameters})
    assert response.status_code == 200
    part = response.text.partition('<ul class="suggestions">')[2].partition("</ul>")[0]
    found = re.findall(r"<bdi>(.*?)</bdi></a>\s*<span[^>]*>(.*?)</span>", part)
    return [(word, number.strip()) for word, number in found]


@pytest.fixture
def crowd(app: App, people: People) -> None:
    for name in ("Anna Kuznetsov", "Boris Kuznetsov", "Иван Кузнецов", "Ольга Иванова", "Liam O’Brien", "Jörg Müller"):
        people.create(name=name)
    count_words(app)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("kuznecov", [("Kuznetsov", "3 people")]),
        ("kuznestov", [("Kuznetsov", "3 people")]),
        ("kuznetso", NOTHING),
        ("kuznetsovv", [("Kuznetsov", "3 people")]),
        ("xuznetsov", [("Kuznetsov", "3 people")]),
        ("bdfyjdf", [("Иванова", "1 person")]),
        ("Bdfyjd", [("Иванов", "1 person")]),
        ("лгятуеыщм", [("Kuznetsov", "3 people")]),
        ("ивнаова", [("Иванова", "1 person")]),
        ("obiren", [("O’Brien", "1 person")]),
        ("muxller", [("Müller", "1 person")]),
        ("anna kuznecov", [("anna Kuznetsov", "1 person")]),
        ("ana kuznecov", [("Anna Kuznetsov", "1 person")]),
        ("name:anna kuznecov", [("name:anna Kuznetsov", "1 person")]),
        ('"kuznecov"', NOTHING),
        ("qqqqqqqq", NOTHING),
        ("xx", NOTHING),
        ("anna -kuznetsov zzzzz", NOTHING),
        ("created:bdfyjdf", NOTHING),
    ],
)
def test_words_are_suggested_with_their_number_of_people(
    crowd: None, owner: Browser, typed: str, suggested: list[tuple[str, str]]
) -> None:
    assert suggestions(owner, typed) == suggested


def test_a_suggestion_keeps_the_filters_and_finds_its_number(crowd: None, owner: Browser) -> None:
    page = owner.get("/users?q=kuznecov&status=invited&sort=-name").text
    address = re.search(r'href="([^"]*)"><bdi>Kuznetsov', page)
    assert address
    found = owner.get(address[1].replace("&amp;", "&")).text
    assert "status=invited" in address[1]
    assert "3 people" in found
    assert suggestions(owner, "kuznecov", status="deactivated") == NOTHING


def test_people_out_of_sight_are_neither_suggested_nor_counted(app: App, access: Access) -> None:
    north, helper = access.group("North"), access.person("Helper")
    seen = access.person("Anna Kuznetsov")
    access.person("Boris Kuznetsov")
    access.person("Clara Lindqvist")
    access.grant(HELPDESK, user_id=helper.id, scope_id=north)
    access.add_member(north, seen.id)
    count_words(app)
    browser = access.browser_of(helper)
    assert suggestions(browser, "kuznecov") == [("Kuznetsov", "1 person")]
    assert suggestions(browser, "lindkvist") == NOTHING


def test_suggestions_take_two_statements(crowd: None, app: App, owner: Browser) -> None:
    def number_of_statements(text: str) -> int:
        with captured_queries(app) as seen:
            assert owner.get("/users", query_string={"q": text}).status_code == 200
        return len(seen)

    # For a quoted word, one statement looks for people with similar names instead.
    assert number_of_statements("kuznecov") == number_of_statements('"kuznecov"') + 1


def test_picker_and_palette_show_the_people_of_the_first_suggestion(crowd: None, owner: Browser) -> None:
    assert "Ольга Иванова" in owner.get("/users/choices?q=bdfyjdf").text
    assert "<mark>Иванова</mark>" in owner.get("/palette?q=bdfyjdf").text


def test_the_job_counts_words_of_people_outside_the_bin(
    app: App, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "CHUNK", 2)
    gone = people.create(name="Zoë Gone")
    for name in ("ANNA SMITH-JONES", "Zoë O'Hara", "Zoe von X 12", "王伟", "😀 Smith"):
        people.create(name=name)
    with app.app_context():
        delete_user(gone.id, by=TESTER)
    expected = {"anna": ("Anna", 1), "smith": ("Smith", 2), "jones": ("Jones", 1), "zoe": ("Zoë", 2), "von": ("von", 1)}
    expected |= {"ohara": ("O'Hara", 1)}
    assert count_words(app) == expected
    assert count_words(app) == expected


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("text", "swapped"),
    [
        ("bdfyjd", "иванов"),
        ("Ntq;f", "Тейжа"),
        ("`krby", "ёлкин"),
        ("[f,fhjdf", "хабарова"),
        ("фттфюыьшктщм", "anna.smirnov"),
        ("ццц.", "www."),
        ("annaанна", ""),
        ("123", ""),
        ("王伟", ""),
    ],
)
def test_the_other_keyboard_layout(text: str, swapped: str) -> None:
    assert swap_layout(text) == swapped


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("anna", "anna", 0), ("anna", "nana", 1), ("anna", "ana", 1), ("anna", "annna", 1), ("anna", "onno", 4)],
)
def test_the_difference_of_two_words(one: str, other: str, letters: int) -> None:
    assert difference(one, other) == difference(other, one) == letters


@pytest.mark.parametrize(
    "text", ["\x00", "\u202ebdfyjd", "😀😀😀😀", "%%%%", "____", "'''", "a" * 300, "ф" * 300, ":::;;;"]
)
def test_odd_texts_suggest_nothing(crowd: None, owner: Browser, text: str) -> None:
    assert owner.get("/users", query_string={"q": text}).status_code in {200, 400}
