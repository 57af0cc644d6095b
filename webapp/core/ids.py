"""IDs: UUIDv7 (RFC 9562), which sort by the time of their creation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid6

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def new_id() -> UUID:
    return UUID(int=uuid6.uuid7().int)


def min_id_at(moment: datetime) -> UUID:
    """Return the smallest ID that can be created at `moment`."""
    return UUID(int=max((moment - _EPOCH) // _MILLISECOND, 0) << 80 | 7 << 76 | 2 << 62)
