"""Values of demo rows as text that both engines read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)
_MILLISECOND = timedelta(milliseconds=1)


def uuid7_hex(moment: datetime, random_bits: Callable[[int], int]) -> str:
    """Return a UUIDv7 (RFC 9562) of `moment`, which is in UTC without a time zone."""
    milliseconds = (moment - _EPOCH) // _MILLISECOND
    return f"{milliseconds:012x}7{random_bits(12):03x}{random_bits(62) | 1 << 63:016x}"


def timestamp(moment: datetime) -> str:
    """Return `moment`, which is in UTC without a time zone. PostgreSQL reads it as UTC, SQLite stores it like this."""
    return moment.isoformat(" ", "microseconds")
