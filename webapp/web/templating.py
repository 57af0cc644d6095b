"""Functions and filters of templates: addresses of static files and lists, dates, icons."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from flask import Flask, request
from markupsafe import Markup

from webapp.core import formats
from webapp.core.clock import now
from webapp.core.moments import to_zone
from webapp.core.passwords import PASSWORD_MAX, PASSWORD_MIN
from webapp.core.texts import LOCALES, language
from webapp.web.api_panel import api_examples
from webapp.web.date_presets import end_presets, start_presets
from webapp.web.fragment_cache import FragmentCacheExtension
from webapp.web.guards import can, held_permissions, signed_in_user
from webapp.web.highlighting import highlight
from webapp.web.input_attributes import input_attributes
from webapp.web.languages import text_direction
from webapp.web.menu import current_section, menu_links, menu_links_with
from webapp.web.middleware import request_id
from webapp.web.settings_sections import settings_sections
from webapp.web.template_cache import TemplateCache

# The ID of a bulk change whose people the list shows as selected.
SELECTION = "selection"
# Parameters of the page of a list. A link that changes a filter drops them.
CURSORS = ("after", "before", "at", "count", SELECTION)
# A link that changes only these shows the same people: it keeps `count` and the selection.
SAME_PEOPLE = frozenset({"after", "before", "limit", "sort"})


def init_templating(app: Flask) -> None:
    app.jinja_env.add_extension(FragmentCacheExtension)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    static_url = _static_urls(app)
    app.jinja_env.globals |= _FUNCTIONS | {"static_url": static_url, "icon": _icons(static_url)}
    app.jinja_env.filters |= _FILTERS


def _static_urls(app: Flask) -> Callable[[str], str]:
    versions: dict[str, str] = {}

    def static_url(filename: str) -> str:
        """Return the address of a static file with the hash of its contents. Browsers may cache it for a year."""
        if filename not in versions or app.debug:
            versions[filename] = _hash(Path(app.static_folder or "") / filename)
        return f"{app.static_url_path}/{filename}?v={versions[filename]}"

    return static_url


def _icons(static_url: Callable[[str], str]) -> Callable[..., Markup]:
    @cache
    def icon(name: str, css_class: str = "") -> Markup:
        """Return an icon of `static/img/icons.svg`. A page has about fifty."""
        names = f"icon {css_class}".strip()
        svg = Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>')
        return svg.format(names, static_url("img/icons.svg"), name)

    return icon


def precompile_templates(app: Flask) -> None:
    """Load all templates. Otherwise the first page of each worker would take 0.25 s longer."""
    app.jinja_env.bytecode_cache = TemplateCache(Path(app.instance_path))
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def url_with(**changes: Any) -> str:
    """Return the address of the first page of this list with changed parameters. None drops a parameter."""
    path, kept = _split_address(request.root_path + request.path, tuple(request.args.items()))
    changed = {name: _encode(name, value) if value not in (None, "") else "" for name, value in changes.items()}
    if changes.keys() <= SAME_PEOPLE:
        changed |= {name: _encode(name, request.args[name]) for name in ("count", SELECTION) if name in request.args}
    query = "&".join(part for part in (kept | changed).values() if part)
    return f"{path}?{query}" if query else path


# A page calls this dozens of times.
@lru_cache(maxsize=128)
def _split_address(path: str, args: tuple[tuple[str, str], ...]) -> tuple[str, dict[str, str]]:
    """Return the path and each parameter, URL-encoded.

    `url_for` is not safe here: it reads parameters like `_scheme` of the request as its own options.
    """
    kept = {name: value for name, value in args if value and name not in CURSORS}
    return quote(path), {name: _encode(name, value) for name, value in kept.items()}


def _encode(name: str, value: Any) -> str:
    return f"{quote_plus(name)}={quote_plus(str(value))}"


def query_with(**changes: str | None) -> str:
    """Return the query string of this page with changed parameters. None drops a parameter."""
    changed = request.args.to_dict() | changes
    return "?" + urlencode({name: value for name, value in changed.items() if value is not None})


def current_theme() -> str:
    return getattr(signed_in_user(), "theme", None) or "system"


# A list has a hundred of these elements. Dates and numbers contain nothing to escape.
def ago(moment: datetime) -> Markup:
    """Return `3 minutes ago` with the exact time as title."""
    return _titled(moment, formats.Viewer.ago)


def day(moment: datetime) -> Markup:
    """Return `Nov 24, 2026` with the exact time as title."""
    return _titled(moment, formats.Viewer.format_date)


def _titled(moment: datetime, words: Callable[[formats.Viewer, datetime], str]) -> Markup:
    viewer = formats.current_viewer()
    shown = to_zone(moment, viewer.zone)
    title = viewer.format_datetime(shown)
    return Markup(f'<time datetime="{_iso(moment)}" title="{title}">{words(viewer, shown)}</time>')  # noqa: S704


def exact(moment: datetime) -> Markup:
    """Return `Nov 24, 2026, 11:42:05 AM`."""
    return Markup(f'<time datetime="{_iso(moment)}">{formats.format_datetime(moment)}</time>')  # noqa: S704


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def initials(name: str) -> str:
    """Return the first letters of the first and the last word: АИ for Антон Иванов."""
    words = [word for word in name.replace(".", " ").split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


_FUNCTIONS: dict[str, Any] = {
    "can": can,
    "api_examples": api_examples,
    "current_section": current_section,
    "menu_links": menu_links,
    "menu_links_with": menu_links_with,
    "settings_sections": settings_sections,
    "held_permissions": held_permissions,
    "url_with": url_with,
    "query_with": query_with,
    "cursors": CURSORS,
    "input_attributes": input_attributes,
    "start_presets": start_presets,
    "end_presets": end_presets,
    "request_id": request_id,
    "language": language,
    "now": now,
    "text_direction": text_direction,
    "current_theme": current_theme,
    "languages": LOCALES,
    "password_min": PASSWORD_MIN,
    "password_max": PASSWORD_MAX,
}
_FILTERS: dict[str, Callable[..., Any]] = {
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
