"""Times: the range that Rollcall accepts, and conversions that stay within the calendar of Python."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from webapp.core.texts import _

# Closer to the ends of the calendar, a time does not exist in every time zone.
FIRST = datetime(1900, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
OUT_OF_RANGE = _("Enter a date from 1900 to 9998")


def is_in_range(moment: datetime | None) -> bool:
    """Whether the time lies in the years 1900 to 9998, in UTC."""
    return moment is None or FIRST <= moment < END


def to_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Convert to the time zone, to show it. A time that does not exist there stays in its own zone."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def to_utc(moment: datetime) -> datetime:
    """Convert to UTC. A time beyond the calendar becomes its first or last moment."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return (datetime.min if moment.year == 1 else datetime.max).replace(tzinfo=UTC)


def from_local_time(time: datetime, zone: tzinfo) -> datetime | None:
    """Return a naive time of the zone in UTC, the first one if it occurs twice. Return None if clocks skip it."""
    moment = to_utc(time.replace(tzinfo=zone))
    skipped = is_in_range(moment) and to_zone(moment, zone).replace(tzinfo=None) != time
    return None if skipped else moment


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of a day in the time zone, in UTC."""
    return to_utc(datetime.combine(day, time.min, zone))


def day_after(day: date) -> date:
    """Return the next day. The last day of the calendar is its own next day."""
    return day if day == date.max else day + timedelta(days=1)
