"""Keeps the lease of a job while a chunk works outside a transaction, after its commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from sqlalchemy import Engine, update
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.clock import now
from webapp.db.engines import WRITES
from webapp.db.session import db
from webapp.jobs.leases import LEASE, jobs, thread_holder

log = structlog.get_logger("rollcall.jobs")


@contextmanager
def renewed_lease(job_id: UUID) -> Iterator[None]:
    """Renew this thread's lease of the job in another thread until the end of the block.

    For work of minutes that may not hold a transaction: on SQLite it would block everyone who writes.
    """
    ended = threading.Event()
    engine = db.engine.execution_options(**{WRITES: True})
    arguments = (engine, job_id, thread_holder(), ended)
    thread = threading.Thread(target=_renew, args=arguments, name="lease renewal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(engine: Engine, job_id: UUID, holder: str, ended: threading.Event) -> None:
    while not ended.wait(LEASE.total_seconds() / 4):
        renewed = update(jobs).where(jobs.c.id == job_id, jobs.c.lease_holder == holder)
        try:
            with engine.begin() as connection:
                connection.execute(renewed.values(lease_until=now() + LEASE))
        except SQLAlchemyError as error:
            log.warning("lease.not_renewed", job=str(job_id), error=type(error).__name__)
