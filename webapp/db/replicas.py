"""Read replicas: requests that only read can read from a copy of the database, which follows the primary.

A position is a place in the write-ahead log of the primary, in bytes. A replica is used if it has replayed the last
write of the reader, and everything that the primary had LAG_SECONDS_MAX ago. Writes, and reads in transactions, use the
primary.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar
from zlib import crc32

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from webapp.db.session import REPLICA, db
from webapp.db.watchdog import TIME_LIMIT

# The position of a replica is read at most once in this time, by each process.
CHECK_SECONDS = 1.0
LAG_SECONDS_MAX = 10.0
# After a failure, a replica is not used for this time.
AWAY_SECONDS = 30.0
_CANCELED_BY_TIMEOUT = "57014"
_PRIMARY_POSITION = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
# A server that is no replica, because it was promoted, gives null.
_REPLICA_POSITION = text(
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') END"
).execution_options(**{TIME_LIMIT: 0})

T = TypeVar("T")
log = structlog.get_logger("rollcall.database")


def primary_position() -> int:
    """Return the position behind everything that the primary has committed."""
    return int(db.session.execute(_PRIMARY_POSITION).scalar_one())


class Replica:
    """One replica, and what this process knows about it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = Lock()
        self._position = 0
        self._check_at = 0.0
        # The replica had everything that the primary had at this time.
        self._fresh_at = -math.inf
        # A position of the primary that the replica has not reached yet, and when it was read.
        self._mark: tuple[float, int] | None = None

    def has(self, position: int) -> bool:
        """Return whether the replica can be used, and has replayed the log up to this position."""
        # Other threads do not wait for the check of one.
        if time.monotonic() >= self._check_at and self._lock.acquire(blocking=False):
            try:
                self._check()
            finally:
                self._lock.release()
        return position <= self._position and time.monotonic() - self._fresh_at <= LAG_SECONDS_MAX

    def set_away(self, error: Exception) -> None:
        """Do not use the replica for AWAY_SECONDS."""
        log.warning("replica.away", host=self.engine.url.host, error=type(error).__name__)
        self._check_at, self._fresh_at = time.monotonic() + AWAY_SECONDS, -math.inf

    def _check(self) -> None:
        self._check_at = time.monotonic() + CHECK_SECONDS
        self._mark = self._mark or (time.monotonic(), primary_position())
        try:
            with self.engine.connect() as connection:
                position = connection.execute(_REPLICA_POSITION).scalar_one()
        except (DBAPIError, PoolTimeoutError) as error:
            self.set_away(error)
            return
        self._position = -1 if position is None else int(position)
        marked_at, mark = self._mark
        if self._position >= mark:
            self._fresh_at, self._mark = marked_at, None


class Replicas:
    """The replicas of one app."""

    def __init__(self, replicas: list[Replica]) -> None:
        self.replicas = replicas

    def __bool__(self) -> bool:
        return bool(self.replicas)

    def read(self, work: Callable[[], T], *, after: int, reader: str) -> T:
        """Call `work`, which only reads, with a replica that has the position `after`, or with the primary.

        If the replica fails, call it again with the primary. A reader keeps one replica, so that what they see does not
        go back in time.
        """
        replica = self._choose(after, reader)
        if replica is None:
            return work()
        db.session.info[REPLICA] = replica.engine
        try:
            return work()
        except (DBAPIError, PoolTimeoutError) as error:
            # The statement was slow. It would be slow on the primary too.
            if _code_of(error) == _CANCELED_BY_TIMEOUT:
                raise
            replica.set_away(error)
        finally:
            db.session.info.pop(REPLICA, None)
        db.session.rollback()
        return work()

    def _choose(self, after: int, reader: str) -> Replica | None:
        first = crc32(reader.encode()) % len(self.replicas)
        ordered = self.replicas[first:] + self.replicas[:first]
        return next((replica for replica in ordered if replica.has(after)), None)


def _code_of(error: Exception) -> str | None:
    driver_error: Any = getattr(error, "orig", None)
    return getattr(driver_error, "pgcode", None)
