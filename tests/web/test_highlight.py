"""Highlighting marks the matches of a search and escapes the text."""

from __future__ import annotations

import re

import pytest

from tests.clients import Browser
from tests.factories import People
from webapp.web.highlighting import highlight


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Anna Berg", "ann", ["Ann"]),
        ("Михаил Петренко", "mikhail", ["Михаил"]),
        ("Ivan Schukin", "щукин", ["Schukin"]),
        ("schukin@nowhere.example", "щукин", ["schukin"]),
        ("Щукин", "schuk", ["Щук"]),
        ("Евгеньева", "yevgen", ["Евген"]),
        ("Ольга Корсакова", "o", ["О", "о", "о"]),
        ("Юрий Ёлкин", "елк", ["Ёлк"]),
        ("Anna Großmann", "anna", ["Anna"]),
        ("Anna Großmann", "gross", ["Groß"]),
        ("Anna Großmann", "smann", ["ßmann"]),
        ("Anna Großmann", "s", ["ß"]),
        ("नमस्ते ß", "नम", ["नम"]),
        ("Weiß Ива́нов", "иванов", ["Ива́нов"]),
        ("Straßer नमस्ते", "नमस", ["नमस्"]),
        ("王伟", "wangwei", ["王伟"]),
        ("Seán O’Brien", "obrien", ["O’Brien"]),
        ("Sean O`Brien", "o’bri", ["O`Bri"]),
        ("Liam OBrien", "o'brien", ["OBrien"]),
        ("Jörg Müller", "mueller", ["Müller"]),
        ("Joerg Mueller", "müller", ["Mueller"]),
        ("Þóra Ægisdóttir", "tho aeg", ["Þó", "Æg"]),
        ("Anna Berg", "'", []),
        ("Anna Berg", "", []),
        ("Anna Berg", "-_.", []),
        ("", "anna", []),
    ],
)
def test_matches_are_marked(text: str, query: str, marked: list[str]) -> None:
    html = str(highlight(text, query))
    assert re.findall("<mark>(.*?)</mark>", html) == marked
    assert re.sub("</?mark>", "", html) == text


@pytest.mark.parametrize(
    ("text", "query", "html"),
    [
        ("<b>ß", "b>", "&lt;<mark>b&gt;</mark>ß"),
        ("<Михаил>", "mikhail lt gt", "&lt;<mark>Михаил</mark>&gt;"),
        ("Tom & ß", "amp", "Tom &amp; ß"),
        ('"><script>', "script", "&#34;&gt;&lt;<mark>script</mark>&gt;"),
        ("<mark>", "<mark>", "<mark>&lt;mark&gt;</mark>"),
    ],
)
def test_markup_stays_text(text: str, query: str, html: str) -> None:
    assert str(highlight(text, query)) == html


def test_a_row_shows_why_it_was_found_in_the_other_script(owner: Browser, people: People) -> None:
    people.create(name="Михаил <Петренко>", email="boss99@nowhere.example")
    page = owner.get("/users?q=mikhail").text
    assert "<mark>Михаил</mark> &lt;Петренко&gt;" in page
