"""Periods of days as people write them in searches and addresses: 2026-03-01, <2026-03-01, 7d, today, 2026-03-01..7d.

A relative day stays relative in an address: `7d` means the last seven days on whatever day it is opened.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from webapp.core.clock import now
from webapp.core.formats import to_viewer_timezone
from webapp.core.moments import day_after
from webapp.core.text import caseless_key

RANGE = ".."
_DAY_WORDS = {"today": 0, "сегодня": 0, "yesterday": 1, "вчера": 1}
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAYS = re.compile(r"(?P<ahead>\+?)(?P<number>[1-9]\d{0,3})[dд]", re.ASCII)
_SIGNED = re.compile(r"(?P<sign><=|>=|<|>)\s*(?P<day>.+)")


class Period(NamedTuple):
    """The days from `first` to `last`, both included. None means no bound."""

    first: date | None
    last: date | None

    def __str__(self) -> str:
        return f"{self.first or ''}{RANGE}{self.last or ''}"


def is_relative(text: str) -> bool:
    """Return whether the text is one relative day or a comparison with one: today, 30d, <30d."""
    signed = _SIGNED.fullmatch(text)
    word = caseless_key(signed["day"] if signed else text)
    return word in _DAY_WORDS or bool(_DAYS.fullmatch(word))


def days_of(text: str) -> tuple[bool, int] | None:
    """Return whether `30d` or `+30d` lies ahead, and its number of days. Return None for other texts."""
    match = _DAYS.fullmatch(caseless_key(text))
    return (bool(match["ahead"]), int(match["number"])) if match else None


def parse_period(text: str) -> Period:
    """Return the days of a date, a relative day, a comparison or a range. Raise ValueError.

    `7d` is today and the six days before it, `+7d` is today and the six days after it.
    """
    if signed := _SIGNED.fullmatch(text):
        first, last = _parse_days(signed["day"])
        return {
            "<": Period(None, _day_before(first)),
            "<=": Period(None, last),
            ">": Period(day_after(last), None),
            ">=": Period(first, None),
        }[signed["sign"]]
    if RANGE not in text:
        return Period(*_parse_days(text))
    low, high = (part.strip() for part in text.split(RANGE, 1))
    if not low and not high:
        raise ValueError(text)
    return Period(_parse_days(low)[0] if low else None, _parse_days(high)[1] if high else None)


def _parse_days(text: str) -> tuple[date, date]:
    if _ISO.fullmatch(text):
        return date.fromisoformat(text), date.fromisoformat(text)
    today, word = to_viewer_timezone(now()).date(), caseless_key(text)
    if word in _DAY_WORDS:
        day = today - timedelta(days=_DAY_WORDS[word])
        return day, day
    if (days := days_of(word)) is None:
        raise ValueError(text)
    ahead, number = days
    others = timedelta(days=number - 1)
    return (today, today + others) if ahead else (today - others, today)


def _day_before(day: date) -> date:
    """Return the day before. The first day of the calendar is its own day before."""
    return day if day == date.min else day - timedelta(days=1)
