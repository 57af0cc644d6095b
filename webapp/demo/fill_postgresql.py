"""Copies a crowd into PostgreSQL, on a connection of the driver.

Raw SQL, because SQLAlchemy has no expression for COPY, SET and VACUUM.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from webapp.db.rebuild import drop_postgresql_indexes
from webapp.db.session import db
from webapp.demo.copy_text import copy_text
from webapp.demo.crowd import BATCH_SIZE, Crowd
from webapp.demo.tables import TABLES, Progress

PROCESSES = min(2, os.cpu_count() or 1)
ANALYZED = (*TABLES, "memberships", "role_grants", "groups")


def fill_postgresql(connection: Any, crowd: Crowd, progress: Progress, *, bulk: bool) -> None:
    """`bulk`: generate rows in other processes, drop indexes, and create them again at the end."""
    copies = {table: f"COPY {table} ({', '.join(columns)}) FROM STDIN" for table, columns in TABLES.items()}
    with connection.cursor() as cursor:
        _raise_limits(cursor)
        dropped = drop_postgresql_indexes(cursor, TABLES) if bulk else []
        batches = _batches_in_parallel(crowd) if bulk else (copy_text(crowd, batch) for batch in crowd.batches)
        for batch, texts in enumerate(batches):
            for table, copy in copies.items():
                cursor.copy_expert(copy, io.BytesIO(texts[table]))
            progress("people", min((batch + 1) * BATCH_SIZE, crowd.count))
        for name, statement in dropped:
            progress(name, crowd.count)
            cursor.execute(statement)


def analyze() -> None:
    """Collect statistics, as autovacuum would some minutes later. Without them the first lists get slow plans."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM (ANALYZE) " + ", ".join(ANALYZED))
        connection.exec_driver_sql("RESET statement_timeout")


def _raise_limits(cursor: Any) -> None:
    """Until the end of the transaction, remove time limits and use more memory to create indexes."""
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")


def _batches_in_parallel(crowd: Crowd) -> Iterator[dict[str, bytes]]:
    """Yield the batches in order. Other processes generate a few of them in advance."""
    with _process_pool() as pool:
        pending: deque[Future[dict[str, bytes]]] = deque()
        for batch in crowd.batches:
            pending.append(pool.submit(copy_text, crowd, batch))
            if len(pending) > 2 * PROCESSES:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


@contextmanager
def _process_pool() -> Iterator[ProcessPoolExecutor]:
    # Spawned, because a forked process would inherit the open database connections.
    # Ctrl-C in a terminal reaches all processes. Only the parent explains it.
    ignore = (signal.SIGINT, signal.SIG_IGN)
    pool = ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn"), signal.signal, ignore)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
