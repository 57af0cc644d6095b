"""The page “What's new”."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.clients import Browser
from webapp.core.texts import LOCALES
from webapp.news.changelog import PAGE_ITEMS, Release, paginate, parse, read_changelog
from webapp.settings import ROOT

pytestmark = pytest.mark.one_engine

TEXT = """# Changelog

Left out.

## 2.0

The second
version.

- **Groups.** Opened with `make run` and
  **care**, see [the site](https://example.com/a) and [docs](docs/x.md).
- <script>alert(1)</script> [bad](javascript:alert)

## 1.0

### For everyone

- First.
"""


def test_the_changelog_is_parsed() -> None:
    second, first = parse(TEXT)
    assert (second.title, second.paragraphs) == ("2.0", ["The second version."])
    groups, script = second.items
    assert groups.title == "Groups."
    assert groups.text == (
        "Opened with <code>make run</code> and <strong>care</strong>,"
        ' see <a href="https://example.com/a" rel="noreferrer">the site</a> and docs.'
    )
    assert script.text == "&lt;script&gt;alert(1)&lt;/script&gt; bad"
    assert [(group.title, [item.text for item in group.items]) for group in first.groups] == [
        ("For everyone", ["First."])
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_all_of_the_changelog_is_shown(locale: str) -> None:
    releases = releases_in(locale)
    titles = [item.title for release in releases for item in release.items]
    assert len(titles) == source_of(locale).count("\n- ")
    assert all(titles)
    assert len(titles) == len(set(titles)), "A merge doubled an item."


def test_a_page_has_whole_groups() -> None:
    """A release that continues on the next page keeps its title. Its paragraphs stand on its first page."""
    group = "### Group {}\n\n" + "- An item.\n" * (PAGE_ITEMS // 2) + "\n"
    text = "## 2.0\n\nNew.\n\n" + "".join(group.format(number) for number in range(3)) + "## 1.0\n\nFirst.\n"
    pages = [
        [(release.title, len(release.paragraphs), len(release.groups)) for release in page]
        for page in paginate(parse(text))
    ]
    assert pages == [[("2.0", 1, 2)], [("2.0", 0, 1), ("1.0", 1, 0)]]


def test_the_pages_have_all_items_in_their_order() -> None:
    releases = releases_in("en")
    pages = paginate(releases)
    assert len(pages) > 1
    shown = [item for page in pages for release in page for item in release.items]
    assert shown == [item for release in releases for item in release.items]


@pytest.mark.parametrize("locale", sorted(set(LOCALES) - {"en"}))
def test_a_translation_has_the_same_releases_groups_and_items(locale: str) -> None:
    assert shape_of(releases_in(locale)) == shape_of(releases_in("en")), f"Change CHANGELOG.{locale}.md, too."


@pytest.mark.parametrize("locale", sorted(set(LOCALES) - {"en"}))
def test_a_translation_names_the_same_settings_and_commands(locale: str) -> None:
    """Only examples of searches are translated."""
    items, translated = ([item for release in releases_in(each) for item in release.items] for each in ("en", locale))
    for item, other in zip(items, translated, strict=True):
        codes, translated_codes = (re.findall("<code>(.+?)</code>", each.title + each.text) for each in (item, other))
        assert len(translated_codes) == len(codes), other.title
        assert [code for code in set(translated_codes) - set(codes) if code.isascii()] == [], other.title


def test_without_a_translation_the_changelog_is_english(tmp_path: Path) -> None:
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    changelog = read_changelog(tmp_path, "ru")
    assert changelog
    assert changelog.locale == "en"
    assert changelog == read_changelog(ROOT, "en")


def test_a_missing_changelog_is_none(tmp_path: Path) -> None:
    assert read_changelog(tmp_path, "en") is None
    assert read_changelog(tmp_path, "ru") is None


def test_a_dot_shows_until_the_page_is_opened(owner: Browser) -> None:
    before = owner.get("/").text
    assert 'href="/whats-new"' in before
    assert 'class="dot"' in before
    page = owner.get("/whats-new")
    assert page.status_code == 200
    assert 'lang="en"' in page.text
    assert 'class="dot"' not in page.text
    assert 'class="dot"' not in owner.get("/").text


def test_each_language_shows_its_changelog_and_the_dot_stays_away(owner: Browser) -> None:
    assert '<div class="stack news" lang="en"' in owner.get("/whats-new").text
    home = owner.get("/?lang=ru").text
    assert 'href="/whats-new"' in home
    assert 'class="dot"' not in home
    page = owner.get("/whats-new").text
    assert '<div class="stack news" lang="ru"' in page
    assert "Поиск пользователей</h3>" in page


def test_links_lead_to_the_next_page_and_back(owner: Browser) -> None:
    assert 'href="/whats-new?page=2"' in owner.get("/whats-new").text
    page = owner.get("/whats-new?page=2")
    assert page.status_code == 200
    assert 'href="/whats-new?page=1"' in page.text


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "٢", "", "1.0"])
def test_another_page_is_missing_and_leaves_the_dot(owner: Browser, number: str) -> None:
    assert owner.get("/whats-new", query_string={"page": number}).status_code == 404
    assert 'class="dot"' in owner.get("/").text


def test_a_visitor_signs_in_and_a_member_is_refused(visitor: Browser, member: Browser) -> None:
    assert visitor.get("/whats-new").status_code in {302, 303}
    page = member.get("/account").text
    assert "/whats-new" not in page
    assert member.get("/whats-new").status_code == 403


def source_of(locale: str) -> str:
    return (ROOT / ("CHANGELOG.md" if locale == "en" else f"CHANGELOG.{locale}.md")).read_text(encoding="utf-8")


def releases_in(locale: str) -> list[Release]:
    return parse(source_of(locale))


def shape_of(releases: list[Release]) -> list[tuple[int, list[tuple[bool, int]]]]:
    """Return the number of paragraphs of each release, and of items of each group with or without a title."""
    return [
        (len(release.paragraphs), [(bool(group.title), len(group.items)) for group in release.groups])
        for release in releases
    ]
