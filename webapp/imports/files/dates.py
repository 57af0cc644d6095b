"""Reads dates and times as programs and spreadsheets write them. A date that can mean two days is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from babel import Locale

from webapp.core.errors import Invalid
from webapp.core.texts import _

_YMD = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_DMY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
# 20260228 and, in LDAP, 20260228101500Z
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})(?:\.\d+)?Z)?")
# 28 Feb 2026, 28-Feb-2026, 28 февраля 2026 г.
_DAY_NAME = re.compile(r"(\d{1,2})\.?[ -]([^\W\d_]{3,})\.?,?[ -](\d{4})(?: ?г\.?)?")
# February 28, 2026
_NAME_DAY = re.compile(r"([^\W\d_]{3,})\.? (\d{1,2}),? (\d{4})")
_TIME = re.compile(
    r"(?:T|,? )(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?: ?([AaPp])\.?[Mm]\.?)?(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
)
# Active Directory counts 100 ns since 1601. An account with one of these times never expires.
_FILE_TIME = re.compile(r"\d{17,19}")
_FILE_TIME_START = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = frozenset({"0", "9223372036854775807"})
_LANGUAGES = ("en", "ru", "de", "fr", "es")
# Two digits up to this number are a year of this century.
PIVOT = 68


@lru_cache(maxsize=4096)
def read_date(text: str, order: str = "") -> str:
    """Return a date in ISO 8601. Raise Invalid if the text is no date, or has a time other than midnight."""
    moment = _parse(text, order)
    if isinstance(moment, datetime):
        if moment.time() != time.min:
            raise Invalid(_("“%(cell)s” has a time, but only a date is allowed here", cell=text[:40]))
        moment = moment.date()
    return moment.isoformat()


@lru_cache(maxsize=4096)
def read_moment(text: str, order: str = "", *, utc: bool = False) -> str:
    """Return a date or a time in ISO 8601, or "" for never. Raise Invalid. `utc`: a time without offset is in UTC."""
    if text in _NEVER:
        return ""
    moment = _parse(text, order)
    if utc and isinstance(moment, datetime) and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat()


def find_order(texts: Iterable[str]) -> str:
    """Return `dmy` or `mdy` if the texts show the order of day and month, or else ""."""
    orders = set()
    for text in texts:
        if match := _DMY.match(text):
            first_is_day, second_is_day = int(match[1]) > 12, int(match[3]) > 12
            if first_is_day != second_is_day:
                orders.add("dmy" if first_is_day else "mdy")
    return orders.pop() if len(orders) == 1 else ""


def _parse(text: str, order: str) -> date | datetime:
    """Return a date, or a datetime if the text has a time."""
    text = " ".join(text.split())
    try:
        for pattern, read in _PATTERNS:
            if match := pattern.match(text):
                rest = text[match.end() :]
                if not rest:
                    return read(match, order)
                if clock := _TIME.fullmatch(rest):
                    return datetime.combine(read(match, order), *_time(clock))
        if _FILE_TIME.fullmatch(text):
            return _FILE_TIME_START + timedelta(microseconds=int(text) // 10)
        if match := _COMPACT.fullmatch(text):
            numbers = [int(part or 0) for part in match.groups()]
            day = date(*numbers[:3])
            return datetime.combine(day, time(numbers[3], numbers[4], numbers[5]), UTC) if match[4] else day
    except (ValueError, OverflowError):
        pass
    raise Invalid(_("“%(cell)s” is not a date", cell=text[:40]))


def _read_ymd(match: re.Match[str], order: str) -> date:
    return date(int(match[1]), int(match[3]), int(match[4]))


def _read_dmy(match: re.Match[str], order: str) -> date:
    """Dates with dots start with the day. Others can start with the day or the month."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if len(match[4]) == 2:
        year += 2000 if year <= PIVOT else 1900
    if order not in {"dmy", "mdy"}:
        if match[2] != "." and first <= 12 and second <= 12 and first != second:
            raise Invalid(_("“%(cell)s” can mean two dates: choose the date format of this column", cell=match[0]))
        order = "mdy" if match[2] != "." and second > 12 else "dmy"
    return date(year, second, first) if order == "dmy" else date(year, first, second)


def _read_day_name(match: re.Match[str], order: str) -> date:
    return date(int(match[3]), _month(match[2]), int(match[1]))


def _read_name_day(match: re.Match[str], order: str) -> date:
    return date(int(match[3]), _month(match[1]), int(match[2]))


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], date]], ...] = (
    (_YMD, _read_ymd),
    (_DMY, _read_dmy),
    (_DAY_NAME, _read_day_name),
    (_NAME_DAY, _read_name_day),
)


def _month(name: str) -> int:
    """Raise ValueError if there is no such month."""
    number = _months().get(name.casefold().rstrip("."))
    if number is None:
        raise ValueError(name)
    return number


@lru_cache
def _months() -> dict[str, int]:
    return {
        str(name).casefold().rstrip("."): number
        for language in _LANGUAGES
        for context in Locale.parse(language).months.values()
        for width in ("wide", "abbreviated")
        for number, name in context[width].items()
    }


def _time(match: re.Match[str]) -> tuple[time, timezone | None]:
    hour, microseconds = int(match[1]), (match[4] or "0")[:6].ljust(6, "0")
    if match[5]:
        hour = hour % 12 + (12 if match[5] in "Pp" else 0)
    return time(hour, int(match[2]), int(match[3] or 0), int(microseconds)), _offset(match[6])


def _offset(text: str | None) -> timezone | None:
    if not text or text in {"Z", "UTC", "GMT"}:
        return UTC if text else None
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-size if text[0] == "-" else size)
