"""What templates may call: texts, dates, addresses of static files and of the list being looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, request
from markupsafe import Markup

from webapp.core import formats
from webapp.core.clock import now
from webapp.core.passwords import PASSWORD_MAX, PASSWORD_MIN
from webapp.core.texts import LOCALES, language
from webapp.web.fragment_cache import FragmentCacheExtension
from webapp.web.guards import can, held_permissions, signed_in_user
from webapp.web.highlighting import highlight
from webapp.web.input_attributes import input_attributes
from webapp.web.languages import select_timezone, text_direction
from webapp.web.middleware import request_id

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

    app.jinja_env.add_extension(FragmentCacheExtension)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {
        "static_url": static_url,
        "icon": icon,
        "can": can,
        "held_permissions": held_permissions,
        "url_with": url_with,
        "query_with": query_with,
        "cursors": CURSORS,
        "input_attributes": input_attributes,
        "request_id": request_id,
        "language": language,
        "viewer_timezone": select_timezone,
        "now": now,
        "text_direction": text_direction,
        "current_theme": current_theme,
        "languages": LOCALES,
        "password_min": PASSWORD_MIN,
        "password_max": PASSWORD_MAX,
    }
    app.jinja_env.filters |= {
        "iso_date": formats.format_iso_date,
        "ago": ago,
        "day": day,
        "exact": exact,
        "date": formats.format_date,
        "datetime": formats.format_datetime,
        "moment": lambda value: datetime.fromisoformat(value) if isinstance(value, str) else value,
        "number": formats.format_number,
        "initials": initials,
        "highlight": highlight,
    }


def precompile_templates(app: Flask) -> None:
    """All of them at once: the first page of each worker would else take a quarter of a second."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def url_with(**changes: Any) -> str:
    """This list's address with some parameters changed (None drops one), back on its first page."""
    path, kept = _address(request.root_path + request.path, tuple(request.args.items()))
    changed = {name: urlencode({name: value}) if value not in (None, "") else "" for name, value in changes.items()}
    query = "&".join(part for part in (kept | changed).values() if part)
    return f"{path}?{query}" if query else path


# A page asks for its address dozens of times.
@lru_cache(maxsize=128)
def _address(path: str, args: tuple[tuple[str, str], ...]) -> tuple[str, dict[str, str]]:
    """Not by url_for: what a stranger put into the address would become its options."""
    kept = {name: value for name, value in args if value and name not in CURSORS}
    return quote(path), {name: urlencode({name: value}) for name, value in kept.items()}


def query_with(**changes: str) -> str:
    """This page's parameters with some changed."""
    return "?" + urlencode(request.args.to_dict() | changes)


def current_theme() -> str:
    return getattr(signed_in_user(), "theme", None) or "system"


# Elements not made by macros, as a list has a hundred of them; there is nothing in these texts to escape.
def ago(moment: datetime) -> Markup:
    """3 minutes ago; the exact moment is in the title."""
    return _titled(moment, formats.Viewer.ago)


def day(moment: datetime) -> Markup:
    """Nov 24, 2026; the exact moment is in the title."""
    return _titled(moment, formats.Viewer.format_date)


def _titled(moment: datetime, words: Callable[[formats.Viewer, datetime], str]) -> Markup:
    viewer = formats.current_viewer()
    shown = moment.astimezone(viewer.zone)
    title = viewer.format_datetime(shown)
    return Markup(f'<time datetime="{_iso(moment)}" title="{title}">{words(viewer, shown)}</time>')  # noqa: S704


def exact(moment: datetime) -> Markup:
    """Nov 24, 2026, 11:42:05 AM."""
    return Markup(f'<time datetime="{_iso(moment)}">{formats.format_datetime(moment)}</time>')  # noqa: S704


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def initials(name: str) -> str:
    """АИ of Антон Иванов: the first letters of the first and the last word."""
    words = [word for word in name.replace(".", " ").split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"
