"""Client-side time limits for PostgreSQL. They end requests that wait for a server that no longer answers.

`statement_timeout` does not help there: the server would have to enforce it. Neither does TCP if only the process of
the server stands still, because the kernel acknowledges what we send. Therefore a thread shuts the socket down, and
libpq reports a lost connection.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from webapp.core.context import in_request

# The execution option of a statement that may take longer than `statement_timeout` usually allows, in seconds.
TIME_LIMIT = "seconds"
# Longer than `statement_timeout`, so that the server ends a statement that is only slow.
STATEMENT_SECONDS = 6.0
GRACE_SECONDS = 1.0
PING_SECONDS = 2.0
# After a time limit was exceeded, other requests fail at once for this time, and leave their threads to other pages.
REFUSE_SECONDS = 2.0
_CHECK_SECONDS = 0.25


class Watchdog:
    """The connections of one engine that wait for the server, and until when they may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deadlines: dict[Any, float] = {}
        self._thread: threading.Thread | None = None
        self._refuse_until = 0.0

    def watch(self, driver: Any, seconds: float) -> None:
        """Shut the connection down unless `unwatch` is called in time."""
        with self._lock:
            self._deadlines[driver] = time.monotonic() + seconds
            if self._thread is None or not self._thread.is_alive():
                # Started on first use, because a thread does not survive a fork.
                self._thread = threading.Thread(target=self._run, name="database watchdog", daemon=True)
                self._thread.start()

    def unwatch(self, driver: Any) -> None:
        with self._lock:
            self._deadlines.pop(driver, None)

    def check_answers(self) -> None:
        """Raise the pool's TimeoutError if the server exceeded a limit a moment ago and has not answered since.

        After REFUSE_SECONDS, one request tries the server, while others are still refused.
        """
        with self._lock:
            if time.monotonic() < self._refuse_until:
                raise PoolTimeoutError("the database did not answer a moment ago")
            if self._refuse_until:
                self.refuse()

    def note_answer(self) -> None:
        self._refuse_until = 0.0

    def refuse(self) -> None:
        self._refuse_until = time.monotonic() + REFUSE_SECONDS

    def _run(self) -> None:
        while True:
            time.sleep(_CHECK_SECONDS)
            moment = time.monotonic()
            with self._lock:
                for driver in [driver for driver, deadline in self._deadlines.items() if deadline < moment]:
                    del self._deadlines[driver]
                    self.refuse()
                    _shut_down(driver)


def init_watchdog(engine: Engine) -> Watchdog:
    """Limit the statements, commits and rollbacks of requests. Jobs and commands have no client-side limit."""
    watchdog = Watchdog()

    def begin(connection: Connection, *_given: Any) -> None:
        # A lost connection is rolled back without asking the server.
        if in_request() and not connection.invalidated:
            watchdog.watch(connection.connection.dbapi_connection, STATEMENT_SECONDS)

    def begin_statement(connection: Connection, *given: Any) -> None:
        *_statement, context, _many = given
        seconds = context.execution_options.get(TIME_LIMIT)
        if in_request():
            limit = STATEMENT_SECONDS if seconds is None else seconds + GRACE_SECONDS
            watchdog.watch(connection.connection.dbapi_connection, limit)

    def end(connection: Connection, *_given: Any) -> None:
        watchdog.unwatch(connection.connection.dbapi_connection)
        watchdog.note_answer()

    def connect(*_given: Any) -> None:
        if in_request():
            watchdog.check_answers()

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "before_cursor_execute", begin_statement)
    for name in ("commit", "rollback"):
        event.listen(engine, name, begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", lambda context: _end_failed(watchdog, context))
    # A commit or a rollback has no event after it. It ends with the return of the connection to the pool.
    event.listen(engine, "reset", lambda driver, *_given: watchdog.unwatch(driver))
    event.listen(engine, "checkin", lambda driver, _record: watchdog.unwatch(driver))
    event.listen(engine, "close", lambda driver, _record: watchdog.unwatch(driver))
    return watchdog


def _end_failed(watchdog: Watchdog, context: ExceptionContext) -> None:
    connection = context.connection
    if connection is None:
        # The text of libpq when `connect_timeout` is over.
        if in_request() and "timeout expired" in str(context.original_exception):
            watchdog.refuse()
    elif not connection.invalidated and not connection.closed:
        watchdog.unwatch(connection.connection.dbapi_connection)


def _shut_down(driver: Any) -> None:
    """Shut the socket of a connection down, which its thread is waiting for."""
    with contextlib.suppress(OSError, driver.Error), socket.socket(fileno=os.dup(driver.fileno())) as connection:
        connection.shutdown(socket.SHUT_RDWR)
