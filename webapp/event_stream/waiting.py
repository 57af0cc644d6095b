"""Long polling: a request may wait for the next event."""

from __future__ import annotations

import threading
import time

from webapp.core.context import current_registry
from webapp.db.transactions import release_connection
from webapp.event_stream.cursors import Position
from webapp.event_stream.queries import EventPage, read_events

WAIT_MAX = 10
POLL_SECONDS = 0.5


class LongPollSlot:
    """One request waits in each process, so that readers cannot occupy the threads that serve pages."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


def next_events(position: Position, limit: int, *, wait: int) -> EventPage:
    """Return the next events. If there are none, wait for up to `wait` seconds, unless another request waits."""
    page = read_events(position, limit)
    slot = current_registry().get(LongPollSlot).lock
    if page.items or not wait or not slot.acquire(blocking=False):
        return page
    try:
        return _poll(position, limit, until=time.monotonic() + wait)
    finally:
        slot.release()


def _poll(position: Position, limit: int, *, until: float) -> EventPage:
    while True:
        release_connection()
        time.sleep(max(0.0, min(POLL_SECONDS, until - time.monotonic())))
        page = read_events(position, limit)
        if page.items or time.monotonic() >= until:
            return page
