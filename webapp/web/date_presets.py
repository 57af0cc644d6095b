"""Common days for a date and time of a form, in the time zone of its field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from webapp.core.clock import now
from webapp.core.moments import day_after, start_of_day, to_zone
from webapp.core.texts import _
from webapp.web.forms import LocalDateTimeField

MONDAY_TO_MONDAY = 7


class DatePreset(NamedTuple):
    """`value` is what the input takes: a local time without an offset."""

    label: str
    value: str


def start_presets(field: LocalDateTimeField) -> list[DatePreset]:
    """Return days on which access starts, each at its first moment."""
    today = _today(field)
    monday = today + timedelta(days=MONDAY_TO_MONDAY - today.weekday())
    days = [(_("Today"), today), (_("Next Monday"), monday), (_("In 30 days"), today + timedelta(days=30))]
    return [DatePreset(str(label), _first_minute(day, field)) for label, day in days]


def end_presets(field: LocalDateTimeField) -> list[DatePreset]:
    """Return days on which access ends, each at its last minute."""
    today = _today(field)
    days = [
        (_("Today"), today),
        (_("In 30 days"), today + timedelta(days=30)),
        (_("In 90 days"), today + timedelta(days=90)),
        (_("End of the year"), date(today.year, 12, 31)),
    ]
    return [DatePreset(str(label), _last_minute(day, field)) for label, day in days]


def _today(field: LocalDateTimeField) -> date:
    return to_zone(now(), field.zone).date()


def _first_minute(day: date, field: LocalDateTimeField) -> str:
    """Return midnight, or the first minute after it if clocks go forward at midnight."""
    return to_zone(start_of_day(day, field.zone), field.zone).strftime("%Y-%m-%dT%H:%M")


def _last_minute(day: date, field: LocalDateTimeField) -> str:
    last = start_of_day(day_after(day), field.zone) - timedelta(minutes=1)
    return to_zone(last, field.zone).strftime("%Y-%m-%dT%H:%M")
