"""The thread of a worker that sends deliveries, many at once.

One process at a time sends, the holder of a lease. HTTP is asynchronous, in one event loop. The database is read and
written in one other thread, so that a slow database does not delay answers. Each endpoint has its own client and limit
of concurrent requests, so one that does not answer holds up no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

import structlog
from flask import Flask

from webapp.core.context import current_settings
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.webhooks.attempts import Attempt, save_attempts
from webapp.webhooks.dispatch import DueDelivery, active_endpoints, add_deliveries, due_deliveries
from webapp.webhooks.endpoint_queue import EndpointQueue, Target
from webapp.webhooks.lease import hold_lease, release_lease

# Seconds between two looks at the audit trail, with endpoints and without any.
POLL_SECONDS = 1.0
IDLE_SECONDS = 5.0
# Attempts that end within this time are saved together.
SAVE_SECONDS = 0.05
# Requests that are running get this time when the worker stops.
STOP_SECONDS = 3.0

T = TypeVar("T")
log = structlog.get_logger("rollcall.webhooks")


class Sender:
    """Sends until `stopping` is set. `wake` makes it look at the audit trail at once."""

    def __init__(self, app: Flask, *, stopping: threading.Event) -> None:
        self._app = app
        self._stopping = stopping
        self._holder = f"{socket.gethostname()[:20]}:{os.getpid()}:{new_id().hex[-6:]}"
        self._database = ThreadPoolExecutor(1, thread_name_prefix="webhooks-database")
        self._thread = threading.Thread(target=self.run, name="webhooks", daemon=True)
        self._queues: dict[UUID, EndpointQueue] = {}
        self._ended: list[Attempt] = []
        self._next_look = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self.wake()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        self._next_look = 0.0
        with contextlib.suppress(RuntimeError):
            if self._loop:
                self._loop.call_soon_threadsafe(self._woken.set)

    def run(self, *, until_idle: bool = False) -> None:
        """Send until `stopping` is set or, with `until_idle`, until nothing is due."""
        with asyncio.Runner() as runner:
            runner.run(self._run(until_idle=until_idle))

    async def _run(self, *, until_idle: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._ssl = ssl.create_default_context()
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                pause = await self._round()
            except Exception as error:  # noqa: BLE001  the thread must survive, say, a database that is down
                log.warning("webhooks.round_failed", error=type(error).__name__)
                pause = IDLE_SECONDS
            if until_idle and not self._is_busy() and pause:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
        await self._stop()

    async def _round(self) -> float:
        """Save what ended, read what is due, start it. Return the seconds to wait for something new."""
        ended, self._ended = self._ended, []
        look = time.monotonic() >= self._next_look
        if ended:
            await self._save(ended)
        if look:
            await self._look()
        for queue in list(self._queues.values()):
            if queue.may_have_due and (room := queue.room):
                taken = queue.taken | {attempt.delivery.seq for attempt in self._ended}
                found = await self._in_database(_reader(queue.target.id, room, taken))
                queue.add(found)
                queue.may_have_due = len(found) == room
        return max(0.0, self._next_look - time.monotonic())

    async def _save(self, ended: list[Attempt]) -> None:
        try:
            await self._in_database(lambda: save_attempts(ended))
        except Exception:
            self._ended = ended + self._ended
            raise
        for attempt in ended:
            if queue := self._queues.get(attempt.delivery.endpoint_id):
                queue.may_have_due = True

    async def _look(self) -> None:
        """Read the endpoints and new audit records."""
        self._next_look = time.monotonic() + POLL_SECONDS
        targets, more = await self._in_database(self._read_endpoints)
        for endpoint_id in self._queues.keys() - targets.keys():
            await self._queues.pop(endpoint_id).close()
        for endpoint_id, target in targets.items():
            queue = self._queues.get(endpoint_id)
            if queue:
                queue.target, queue.may_have_due = target, True
            else:
                self._queues[endpoint_id] = EndpointQueue(target, self._ssl, self._save_soon)
        if more:
            self._next_look = 0.0
        elif not targets:
            self._next_look = time.monotonic() + IDLE_SECONDS

    def _read_endpoints(self) -> tuple[dict[UUID, Target], bool]:
        """Return the active endpoints, none if another process sends, and whether there are more audit records."""
        endpoints = active_endpoints()
        if not endpoints or not hold_lease(self._holder):
            return {}, False
        more = add_deliveries(endpoints)
        networks = current_settings().outgoing_networks
        return {endpoint.id: Target.of(endpoint, networks) for endpoint in endpoints}, more

    def _save_soon(self, attempt: Attempt) -> None:
        self._ended.append(attempt)
        if len(self._ended) == 1 and self._loop:
            self._loop.call_later(SAVE_SECONDS, self._woken.set)

    def _is_busy(self) -> bool:
        return bool(self._ended) or any(queue.taken for queue in self._queues.values())

    async def _in_database(self, work: Callable[[], T]) -> T:
        def run() -> T:
            with self._app.app_context():
                try:
                    return work()
                finally:
                    db.session.rollback()

        return await asyncio.get_running_loop().run_in_executor(self._database, run)

    async def _stop(self) -> None:
        """End what is running. It is sent again by the next sender."""
        for queue in self._queues.values():
            await queue.close(STOP_SECONDS)
        self._queues.clear()
        with contextlib.suppress(Exception):
            if self._ended:
                await self._in_database(lambda: save_attempts(self._ended))
            await self._in_database(lambda: release_lease(self._holder))
        self._database.shutdown()


def _reader(endpoint_id: UUID, room: int, taken: set[int]) -> Callable[[], list[DueDelivery]]:
    return lambda: due_deliveries(endpoint_id, limit=room, taken=taken)
