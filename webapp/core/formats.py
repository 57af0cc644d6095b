"""Dates, times and numbers in the viewer's language and time zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from webapp.core.clock import now
from webapp.core.context import current_context
from webapp.core.moments import to_zone
from webapp.core.texts import DEFAULT_LOCALE, DEFAULT_TIMEZONE, LOCALES, _, find_timezone, language, use_language

JUST_NOW_SECONDS = 45


# Babel parses its patterns at each call, which takes 30 to 60 µs. A list shows hundreds of dates, mostly the same days.
@lru_cache(maxsize=8)
def babel_locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=4096)
def _date(day: date, locale: str) -> str:
    return dates.format_date(day, "d MMM y" if locale == "ru" else "medium", babel_locale(locale))


@lru_cache(maxsize=4096)
def _ago(seconds: int, locale: str) -> str:
    return dates.format_timedelta(-seconds, add_direction=True, threshold=1, locale=babel_locale(locale))


@lru_cache(maxsize=4096)
def _time_pattern(hour: int, minute: int, locale: str) -> str:
    """Return 11:42:%02d, without the second, because a cached minute is reused more often than a cached second."""
    return dates.format_time(
        time(hour, minute), "h:mm:'%02d'\u202fa" if locale == "en" else "HH:mm:'%02d'", locale=locale
    )


@lru_cache(maxsize=4096)
def _number(value: float, locale: str) -> str:
    return numbers.format_decimal(value, locale=babel_locale(locale), decimal_quantization=False)


class Viewer(NamedTuple):
    """Locale (`en`, `en_GB`, `ru`) and time zone of the reader of a page, and the time at which it is rendered."""

    locale: str
    zone: ZoneInfo
    now: datetime

    def format_date(self, moment: datetime) -> str:
        """Return for example Nov 24, 2026."""
        return _date(to_zone(moment, self.zone).date(), self.locale)

    def format_datetime(self, moment: datetime) -> str:
        """Return for example Nov 24, 2026, 11:42:05 AM."""
        shown = to_zone(moment, self.zone)
        day, time = _date(shown.date(), self.locale), _time_pattern(shown.hour, shown.minute, self.locale)
        return f"{day}, {time % shown.second}"

    def ago(self, moment: datetime) -> str:
        """Return for example 3 minutes ago. Seconds are rounded to the displayed unit, so that the cache is hit."""
        seconds = int((self.now - moment).total_seconds())
        size = abs(seconds)
        if size < JUST_NOW_SECONDS:
            return str(_("just now"))
        unit = 86400 if size >= 86400 else 3600 if size >= 3600 else 60 if size >= 60 else 1
        return _ago(int(seconds / unit) * unit, self.locale)


def current_viewer() -> Viewer:
    """Return the current viewer. It is created once a request, because a list formats a hundred dates."""
    context = current_context.get()
    if context is None:
        return Viewer(language(), _zone(DEFAULT_TIMEZONE), now())
    if context.viewer is not None:
        return cast(Viewer, context.viewer)
    viewer = Viewer(context.choose_format_locale(), _zone(context.choose_timezone()), now())
    if context.in_request():
        context.viewer = viewer
    return viewer


@contextmanager
def use_reader(locale: str | None, timezone: str | None) -> Iterator[str]:
    """Write texts, dates and numbers for this reader inside the block. Yield the language."""
    locale = locale if locale in LOCALES else DEFAULT_LOCALE
    with use_language(locale):
        context = current_context.get()
        if context is not None:
            context.viewer = Viewer(locale, _zone(find_timezone(timezone or "") or DEFAULT_TIMEZONE), now())
        yield locale


def to_viewer_timezone(moment: datetime) -> datetime:
    """Convert `moment` to the viewer's time zone."""
    return to_zone(moment, viewer_timezone())


def viewer_timezone() -> ZoneInfo:
    return current_viewer().zone


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def format_date(moment: datetime) -> str:
    """Return for example Nov 24, 2026, in the viewer's language and time zone."""
    return current_viewer().format_date(moment)


def format_datetime(moment: datetime) -> str:
    """Return for example Nov 24, 2026, 11:42:05 AM, in the viewer's language and time zone."""
    return current_viewer().format_datetime(moment)


def format_iso_date(text: str) -> str:
    """Return the date of an ISO 8601 text in the viewer's language."""
    return _date(date.fromisoformat(text), current_viewer().locale)


def format_number(value: float) -> str:
    return _number(value, language())
