"""One archive at a time, and short transactions that never make others wait for long."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from webapp.core.errors import Refused
from webapp.db.session import db
from webapp.db.transactions import remove_time_limit, transaction

T = TypeVar("T")
# PostgreSQL looks for deadlocks after one second. We give up before, so that others never are the victims.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '250ms'"
ATTEMPTS = 100
PAUSE_SECONDS = 0.2


@contextmanager
def archive_lock() -> Iterator[None]:
    """Raise Refused if another process archives now. The lock ends with the process, however it ends."""
    taken = _postgresql_lock() if db.engine.dialect.name == "postgresql" else _sqlite_lock()
    with taken as is_ours:
        if not is_ours:
            raise Refused("Audit records are being archived already. Run this again when that has ended.", code="busy")
        yield


@contextmanager
def _postgresql_lock() -> Iterator[bool]:
    """A lock of a transaction, because PgBouncer does not keep sessions. It holds no snapshot, so VACUUM goes on."""
    with db.engine.connect() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        found = connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('audit archive'))"))
        yield bool(found)
        connection.rollback()


@contextmanager
def _sqlite_lock() -> Iterator[bool]:
    """A lock of a file beside the database. A transaction would block everyone who writes."""
    descriptor = os.open(f"{db.engine.url.database}.archive-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def in_short_transaction(work: Callable[[], T]) -> T:
    """Call `work` in a transaction that waits for locks only briefly, and again if a row was locked.

    Raise OperationalError if rows stay locked.
    """
    for attempt in range(ATTEMPTS):
        try:
            with transaction():
                if db.engine.dialect.name == "postgresql":
                    db.session.execute(text(LOCK_TIMEOUT))
                    remove_time_limit()
                return work()
        except OperationalError:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(PAUSE_SECONDS)
    raise AssertionError
