"""Languages: which one a request speaks, and how texts, dates and numbers are put into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date as date_type
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from babel.support import Translations
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, LazyString, force_locale, get_locale, ngettext
from flask_login import current_user
from markupsafe import Markup, escape

from webapp.core.clock import now

__all__ = ["LOCALES", "_", "get_locale", "init_languages", "ngettext", "speaking"]

LOCALES = {"en": "English", "ru": "Русский"}
DEFAULT_TIMEZONE = "UTC"
TRANSLATIONS = Path(__file__).parents[1] / "translations"
JUST_NOW_SECONDS = 45
LOCALE_MAX = 8
TIMEZONE_MAX = 64

babel = Babel()


class Text(LazyString):
    """A text in the language of whoever reads it, and never HTML: flask_babel's own would pass what was put into it."""

    def __html__(self) -> str:
        return escape(str(self))


def _(text: str, **values: Any) -> str:
    """`text`, translated when it is shown; `values` fill its %(placeholders)s."""
    return cast(str, Text(_told, text, **values))


def _told(text: str, **values: Any) -> str:
    told = _translated(text, language())
    return told % values if values else told


# Flask-Babel finds the catalogue anew for each text, and a page has hundreds of them.
@lru_cache
def _catalogue(name: str) -> Any:
    return Translations.load(TRANSLATIONS, [name])


@lru_cache(maxsize=4096)
def _translated(text: str, name: str) -> str:
    told: str = _catalogue(name).ugettext(text)
    return told


def init_languages(app: Flask) -> None:
    babel.init_app(
        app,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=chosen_locale,
        timezone_selector=chosen_timezone,
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue(language()).ugettext(text),
        ngettext=lambda one, many, count: _catalogue(language()).ungettext(one, many, count),
        pgettext=lambda context, text: _catalogue(language()).upgettext(context, text),
        npgettext=lambda context, one, many, count: _catalogue(language()).unpgettext(context, one, many, count),
        newstyle=True,
    )

    def translated(text: str, /, **values: Any) -> Markup:
        """Jinja's own looks the function up and goes through four calls for each text."""
        return _pattern(text, language()) % values if values else _without_gaps(text, language())

    app.jinja_env.globals["_"] = translated


@lru_cache(maxsize=4096)
def _pattern(text: str, name: str) -> Markup:
    return Markup(_translated(text, name))  # noqa: S704  texts of ours, as Jinja takes them too


@lru_cache(maxsize=4096)
def _without_gaps(text: str, name: str) -> Markup:
    return _pattern(text, name) % {}


@lru_cache
def timezones() -> tuple[str, ...]:
    """IANA names that a person may choose."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def chosen_locale() -> str:
    """The person's own choice, else the one made on this device, else the browser's."""
    if not has_request_context():
        return "en"
    if (asked := request.args.get("lang")) in LOCALES:
        session["lang"] = asked
        return str(asked)
    own = getattr(getattr(current_user, "user", None), "locale", None)
    return own or session.get("lang") or request.accept_languages.best_match(list(LOCALES)) or "en"


def chosen_timezone() -> str:
    own = getattr(getattr(current_user, "user", None), "timezone", None) if has_request_context() else None
    return own or DEFAULT_TIMEZONE


def language() -> str:
    """The name of the language in force, looked up once: a page asks hundreds of times."""
    try:
        known: str | None = g.get("language")
    except RuntimeError:
        # Outside of any app.
        return "en"
    if known is None:
        locale = get_locale()
        # None of LOCALES tells a territory.
        known = g.language = locale.language if locale else "en"
    return known


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """What is said meanwhile is said in this language."""
    before = g.pop("language", None)
    g.pop("viewer", None)
    try:
        with force_locale(name):
            yield
    finally:
        g.pop("viewer", None)
        g.language = before


def text_direction() -> str:
    return _text_direction(language())


# Babel parses its patterns at each call, at 30 to 60 µs; a list shows hundreds of dates, mostly of the same days.
@lru_cache(maxsize=8)
def _babel_locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache
def _text_direction(locale: str) -> str:
    return _babel_locale(locale).text_direction


@lru_cache(maxsize=4096)
def _date(day: date_type, locale: str) -> str:
    return format_date(day, "d MMM y" if locale == "ru" else "medium", _babel_locale(locale))


@lru_cache(maxsize=4096)
def _ago(seconds: int, locale: str) -> str:
    return format_timedelta(-seconds, add_direction=True, threshold=1, locale=_babel_locale(locale))


@lru_cache(maxsize=4096)
def _minute(hour: int, minute: int, locale: str) -> str:
    """11:42:%02d: two moments of one second are rare, of one minute not."""
    return format_time(time(hour, minute), "HH:mm:'%02d'" if locale == "ru" else "h:mm:'%02d'\u202fa", locale=locale)


@lru_cache(maxsize=4096)
def _number(value: float, locale: str) -> str:
    return format_decimal(value, locale=_babel_locale(locale), decimal_quantization=False)


class Viewer(NamedTuple):
    """Whoever a page is for. One look at the clock for all that is on it."""

    language: str
    zone: ZoneInfo
    now: datetime

    def date(self, moment: datetime) -> str:
        """Nov 24, 2026."""
        return _date(moment.astimezone(self.zone).date(), self.language)

    def date_time(self, moment: datetime) -> str:
        """Nov 24, 2026, 11:42:05 AM."""
        shown = moment.astimezone(self.zone)
        day, time = _date(shown.date(), self.language), _minute(shown.hour, shown.minute, self.language)
        return f"{day}, {time % shown.second}"

    def ago(self, moment: datetime) -> str:
        """3 minutes ago; rounded to what is said, so that equal words are computed once."""
        seconds = int((self.now - moment).total_seconds())
        size = abs(seconds)
        if size < JUST_NOW_SECONDS:
            return str(_("just now"))
        unit = 86400 if size >= 86400 else 3600 if size >= 3600 else 60 if size >= 60 else 1
        return _ago(int(seconds / unit) * unit, self.language)


def viewer() -> Viewer:
    """Looked up once a request: a list shows a hundred moments."""
    known: Viewer | None = g.get("viewer") if has_request_context() else None
    if known is None:
        known = Viewer(language(), _zone(chosen_timezone()), now())
        if has_request_context():
            g.viewer = known
    return known


def local(moment: datetime) -> datetime:
    """The moment in the viewer's time zone."""
    return moment.astimezone(viewers_zone())


def viewers_zone() -> ZoneInfo:
    return viewer().zone


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def date(moment: datetime) -> str:
    """Nov 24, 2026, in the viewer's language and time zone."""
    return viewer().date(moment)


def date_time(moment: datetime) -> str:
    """Nov 24, 2026, 11:42:05 AM, in the viewer's language and time zone."""
    return viewer().date_time(moment)


def day_of(text: str) -> str:
    """24 Nov 2026 out of 2026-11-24."""
    return _date(date_type.fromisoformat(text), language())


def number(value: float) -> str:
    return _number(value, language())
