"""Reads CHANGELOG.md and its translations: a small part of Markdown, so that no library is needed.

It has headings of releases, paragraphs, headings of groups, and items that begin with a title in bold. Text may contain
code, bold and links. All other text is shown as it is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from webapp.core.texts import DEFAULT_LOCALE, LOCALES

# The number of items on a page. In Russian, 50 items transfer about 10 KB.
PAGE_ITEMS = 50

# The title of an item, then the rest of its text.
_TITLE = re.compile(r"\*\*(.+?)\*\*\s*(.*)", re.DOTALL)
_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"(?=^(?:##+ |- ))|\n\s*\n", re.MULTILINE)


@dataclass(frozen=True)
class Item:
    title: Markup
    text: Markup


@dataclass(frozen=True)
class Group:
    """Items about one topic. Items above the first heading are in a group without a title."""

    title: str
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Release:
    title: str
    paragraphs: list[Markup] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        return [item for group in self.groups for item in group.items]


@dataclass(frozen=True)
class Changelog:
    """`locale` is the language of the pages. `version` changes with the English text only."""

    pages: list[list[Release]]
    locale: str
    version: str


@lru_cache(maxsize=len(LOCALES))
def read_changelog(folder: Path, locale: str) -> Changelog | None:
    """Return the changelog in this language, or in English if there is no translation. Return None if there is none."""
    english = _read(folder / "CHANGELOG.md")
    if english is None:
        return None
    version = hashlib.sha256(english.encode()).hexdigest()[:16]
    translated = _read(folder / f"CHANGELOG.{locale}.md")
    if translated is None:
        return Changelog(paginate(parse(english)), DEFAULT_LOCALE, version)
    return Changelog(paginate(parse(translated)), locale, version)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def parse(text: str) -> list[Release]:
    """Return the releases in their order. Text before the first one is left out."""
    releases: list[Release] = []
    for block in _BLOCK.split(text):
        lines = " ".join(block.split())
        if lines.startswith("## "):
            heading, _, rest = block.strip().partition("\n")
            releases.append(Release(heading.removeprefix("## ").strip()))
            lines = " ".join(rest.split())
        if lines and releases:
            _add(releases[-1], lines)
    return releases


def paginate(releases: list[Release]) -> list[list[Release]]:
    """Return pages of whole groups. A release that continues on the next page has its title there, too."""
    pages: list[list[Release]] = [[]]
    count = 0
    for part in _parts(releases):
        if count and count + len(part.items) > PAGE_ITEMS:
            pages.append([])
            count = 0
        count += len(part.items)
        page = pages[-1]
        if page and page[-1].title == part.title:
            page[-1].groups.extend(part.groups)
        else:
            page.append(part)
    return pages


def _parts(releases: list[Release]) -> Iterator[Release]:
    """Yield each release with its paragraphs and its first group, then each further group."""
    for release in releases:
        yield replace(release, groups=release.groups[:1])
        for group in release.groups[1:]:
            yield Release(release.title, groups=[group])


def _add(release: Release, text: str) -> None:
    if text.startswith("### "):
        release.groups.append(Group(text.removeprefix("### ")))
        return
    if not text.startswith("- "):
        release.paragraphs.append(_inline(text))
        return
    found = _TITLE.match(text.removeprefix("- "))
    title, rest = found.groups() if found else ("", text.removeprefix("- "))
    if not release.groups:
        release.groups.append(Group(""))
    release.groups[-1].items.append(Item(_inline(title), _inline(rest)))


def _inline(text: str) -> Markup:
    return Markup().join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    end = 0
    for found in _INLINE.finditer(text):
        yield escape(text[end : found.start()])
        code, bold, label, address = found.groups()
        if code:
            yield Markup("<code>{}</code>").format(code)
        elif bold:
            yield Markup("<strong>{}</strong>").format(bold)
        elif address.startswith("https://"):
            yield Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, label)
        else:
            # A file of the repository, which is not served.
            yield escape(label)
        end = found.end()
    yield escape(text[end:])
