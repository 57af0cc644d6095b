"""The page “What's new”."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import Browser
from webapp.news.changelog import parse, read_changelog

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


def test_all_of_the_changelog_is_shown() -> None:
    source = Path("CHANGELOG.md").read_text(encoding="utf-8")
    changelog = read_changelog(Path("CHANGELOG.md").resolve())
    assert changelog
    assert sum(len(release.items) for release in changelog.releases) == source.count("\n- ")
    titles = [item.title for release in changelog.releases for item in release.items]
    assert all(titles)
    assert len(titles) == len(set(titles)), "A merge doubled an item."


def test_a_missing_changelog_is_none(tmp_path: Path) -> None:
    assert read_changelog(tmp_path / "CHANGELOG.md") is None


def test_a_dot_shows_until_the_page_is_opened(owner: Browser) -> None:
    before = owner.get("/").text
    assert 'href="/whats-new"' in before
    assert 'class="dot"' in before
    page = owner.get("/whats-new")
    assert page.status_code == 200
    assert 'lang="en"' in page.text
    assert 'class="dot"' not in page.text
    assert 'class="dot"' not in owner.get("/").text


def test_a_visitor_signs_in_and_a_member_is_refused(visitor: Browser, member: Browser) -> None:
    assert visitor.get("/whats-new").status_code in {302, 303}
    page = member.get("/account").text
    assert "/whats-new" not in page
    assert member.get("/whats-new").status_code == 403
