"""Dates, times and numbers in the reader's language and time zone."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from webapp.core.clock import now
from webapp.core.context import current_context
from webapp.core.texts import DEFAULT_TIMEZONE, _, language

JUST_NOW_SECONDS = 45


# Babel parses its patterns at each call, at 30 to 60 µs; a list shows hundreds of dates, mostly of the same days.
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
def _minute(hour: int, minute: int, locale: str) -> str:
    """11:42:%02d: two moments of one second are rare, of one minute not."""
    return dates.format_time(
        time(hour, minute), "HH:mm:'%02d'" if locale == "ru" else "h:mm:'%02d'\u202fa", locale=locale
    )


@lru_cache(maxsize=4096)
def _number(value: float, locale: str) -> str:
    return numbers.format_decimal(value, locale=babel_locale(locale), decimal_quantization=False)


class Viewer(NamedTuple):
    """The reader of a page: language, time zone, and the time at which the page is made."""

    language: str
    zone: ZoneInfo
    now: datetime

    def format_date(self, moment: datetime) -> str:
        """Nov 24, 2026."""
        return _date(moment.astimezone(self.zone).date(), self.language)

    def format_datetime(self, moment: datetime) -> str:
        """Nov 24, 2026, 11:42:05 AM."""
        shown = moment.astimezone(self.zone)
        day, time = _date(shown.date(), self.language), _minute(shown.hour, shown.minute, self.language)
        return f"{day}, {time % shown.second}"

    def ago(self, moment: datetime) -> str:
        """3 minutes ago. Rounded to the unit that is shown, so that the cache finds equal texts."""
        seconds = int((self.now - moment).total_seconds())
        size = abs(seconds)
        if size < JUST_NOW_SECONDS:
            return str(_("just now"))
        unit = 86400 if size >= 86400 else 3600 if size >= 3600 else 60 if size >= 60 else 1
        return _ago(int(seconds / unit) * unit, self.language)


def current_viewer() -> Viewer:
    """The current reader. In a request it is made once, because a list shows a hundred moments."""
    context = current_context.get()
    if context is None:
        return Viewer(language(), _zone(DEFAULT_TIMEZONE), now())
    if context.viewer is not None:
        return cast(Viewer, context.viewer)
    made = Viewer(language(), _zone(context.choose_timezone()), now())
    if context.in_request():
        context.viewer = made
    return made


def to_viewer_timezone(moment: datetime) -> datetime:
    """The moment in the viewer's time zone."""
    return moment.astimezone(viewer_timezone())


def viewer_timezone() -> ZoneInfo:
    return current_viewer().zone


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def format_date(moment: datetime) -> str:
    """Nov 24, 2026, in the viewer's language and time zone."""
    return current_viewer().format_date(moment)


def format_datetime(moment: datetime) -> str:
    """Nov 24, 2026, 11:42:05 AM, in the viewer's language and time zone."""
    return current_viewer().format_datetime(moment)


def format_iso_date(text: str) -> str:
    """24 Nov 2026 out of 2026-11-24."""
    return _date(date.fromisoformat(text), language())


def format_number(value: float) -> str:
    return _number(value, language())
