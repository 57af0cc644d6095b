"""What templates may call: texts, dates, addresses of static files and of the list being looked at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, request
from flask_login import current_user
from markupsafe import Markup, escape

from webapp.core import languages
from webapp.core.access import can, permitted
from webapp.core.clock import now
from webapp.core.fragments import Kept
from webapp.core.passwords import PASSWORD_MAX, PASSWORD_MIN
from webapp.core.text import folded, latin, words_of
from webapp.core.web import request_id

# What tells how far somebody has turned the pages; any other list begins at its beginning.
CURSORS = ("after", "before", "at", "count")


def init_templating(app: Flask) -> None:
    versions: dict[str, str] = {}

    def static_url(filename: str) -> str:
        """The file's address with its contents' hash, so that browsers may keep it for a year."""
        if filename not in versions or app.debug:
            versions[filename] = _hash(Path(app.static_folder or "") / filename)
        return f"{app.static_url_path}/{filename}?v={versions[filename]}"

    @cache
    def icon(name: str, css_class: str = "") -> Markup:
        """A picture out of `static/img/icons.svg`: a page has fifty, of which a macro would make each anew."""
        names = f"icon {css_class}".strip()
        svg = Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>')
        return svg.format(names, static_url("img/icons.svg"), name)

    app.jinja_env.add_extension(Kept)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {
        "static_url": static_url,
        "icon": icon,
        "can": can,
        "permitted": permitted,
        "url_with": url_with,
        "query_with": query_with,
        "cursors": CURSORS,
        "request_id": request_id,
        "get_locale": languages.get_locale,
        "viewers_timezone": languages.chosen_timezone,
        "now": now,
        "text_direction": languages.text_direction,
        "current_theme": current_theme,
        "languages": languages.LOCALES,
        "password_min": PASSWORD_MIN,
        "password_max": PASSWORD_MAX,
    }
    app.jinja_env.filters |= {
        "date": languages.date,
        "day_of": languages.day_of,
        "datetime": languages.date_time,
        "isoformat": lambda moment: moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "ago": languages.ago,
        "moment": lambda value: datetime.fromisoformat(value) if isinstance(value, str) else value,
        "number": languages.number,
        "initials": initials,
        "highlight": highlight,
    }


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def url_with(**changes: Any) -> str:
    """This list's address with some parameters changed (None drops one), back on its first page."""
    kept = {name: value for name, value in request.args.items() if name not in CURSORS}
    values = {name: value for name, value in (kept | changes).items() if value not in (None, "")}
    # Not by url_for: what a stranger put into the address would become its options.
    path = quote(request.root_path + request.path)
    return f"{path}?{urlencode(values)}" if values else path


def query_with(**changes: str) -> str:
    """This page's parameters with some changed."""
    return "?" + urlencode(request.args.to_dict() | changes)


def current_theme() -> str:
    return getattr(getattr(current_user, "user", None), "theme", None) or "system"


def initials(name: str) -> str:
    """АИ of Антон Иванов: the first letters of the first and the last word."""
    words = [word for word in re.split(r"[\s.]+", name) if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def highlight(text: str, query: str) -> Markup:
    """`text` with what the words of `query` find in it marked, also where it only sounds so."""
    words = set(folded(query).split())
    plain, spots = _folding(text)
    parts = sorted(words | _sounding(plain, words), key=len, reverse=True)
    if not parts:
        return escape(text)
    pieces, end = [], 0
    for match in re.finditer("|".join(map(re.escape, parts)), plain):
        first, last = match.span()
        start, stop = max(spots[first], end), max(spots[last], spots[last - 1] + 1)
        if start < stop:
            pieces += [escape(text[end:start]), Markup("<mark>"), escape(text[start:stop]), Markup("</mark>")]
            end = stop
    return Markup("").join([*pieces, escape(text[end:])])


def _folding(text: str) -> tuple[str, Sequence[int]]:
    """`text` folded, and where in it each letter of that comes from: of the ss in Grossmann both from one ß."""
    plain = folded(text)
    if len(plain) == len(text):
        return plain, range(len(text) + 1)
    letters = [folded(letter) or letter * letter.isspace() for letter in text]
    spots = [spot for spot, letter in enumerate(letters) for _part in letter]
    return "".join(letters), [*spots, len(text)]


def _sounding(plain: str, words: Collection[str]) -> set[str]:
    """The parts of `plain` that sound like one of `words` without being spelled so: михаил for mikhail."""
    sounds = [sound for sound in map(latin, words) if sound]
    return {
        _within(word, sound)
        for word in words_of(plain)
        if not any(part in word for part in words)
        for sound in sounds
        if sound in latin(word)
    }


def _within(word: str, sound: str) -> str:
    """The shortest part of `word` that holds `sound`."""
    while sound in latin(word[1:]):
        word = word[1:]
    while sound in latin(word[:-1]):
        word = word[:-1]
    return word
