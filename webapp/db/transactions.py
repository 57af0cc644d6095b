"""Transactions: only `transaction()` commits."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Text, func, literal, select, text, update
from sqlalchemy.exc import OperationalError

from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.db.engines import WRITES
from webapp.db.session import IN_TRANSACTION, WRITTEN, db

YIELD_SECONDS_MAX = 0.11
_QUEUES = ("before_commit", "after_commit")

T = TypeVar("T")


@contextmanager
def transaction(*, savepoint: bool = True) -> Iterator[None]:
    """Commit at the end, or roll back everything. Inside another transaction it is a savepoint. Also a decorator.

    `savepoint=False`: inside another transaction it is a part of that one, which must not go on after an error in it. A
    savepoint takes two round trips and flushes the session.

    The outermost transaction expires all loaded rows, so that decisions use current rows. SQLite takes its write lock
    at the start. Rows stay loaded after the commit, so that showing them needs no more statements.
    """
    session = db.session
    if session.info.get(IN_TRANSACTION) and not savepoint:
        yield
        return
    if session.info.get(IN_TRANSACTION):
        with _discard_queued_work(session), session.begin_nested():
            yield
        return
    # A change needs the hooks, job kinds and tables of all packages.
    current_registry().load()
    session.rollback()
    session.expire_all()
    session.info.update({IN_TRANSACTION: True, "before_commit": [], "after_commit": []})
    try:
        session.connection(execution_options={WRITES: True})
        yield
        _run_before_commit(session)
        session.commit()
        session.info[WRITTEN] = True
        after_commit_work = session.info["after_commit"]
    except BaseException:
        session.rollback()
        raise
    finally:
        for name in (IN_TRANSACTION, *_QUEUES):
            session.info.pop(name, None)
    for work in after_commit_work:
        work()


def release_connection() -> None:
    """Return the connection to the pool before long work that needs none. Do nothing inside a transaction."""
    if not db.session.info.get(IN_TRANSACTION):
        db.session.rollback()


def before_commit(work: Callable[[list[T]], object], item: T) -> None:
    """Call `work` once just before the outermost commit, with a list of all items that were added for it.

    If a nested transaction fails, its items are dropped. `work` runs last to hold its locks as briefly as possible.
    """
    db.session.info["before_commit"].append((work, item))


def after_commit(work: Callable[[], object]) -> None:
    """Call `work` after the commit of the outermost transaction. A rollback drops it."""
    db.session.info["after_commit"].append(work)


@contextmanager
def _discard_queued_work(session: Any) -> Iterator[None]:
    """If the savepoint fails, remove the work that it queued for before or after the commit."""
    lengths = {name: len(session.info[name]) for name in _QUEUES}
    try:
        yield
    except BaseException:
        for name, length in lengths.items():
            del session.info[name][length:]
        raise


def _run_before_commit(session: Any) -> None:
    waiting = session.info["before_commit"]
    if waiting:
        # Lock the changed rows first: the work takes its locks last.
        session.flush()
    while waiting:
        work = waiting[0][0]
        items = [item for other, item in waiting if other == work]
        waiting[:] = [pair for pair in waiting if pair[0] != work]
        work(items)


def yield_to_writers(held: float) -> None:
    """Sleep between two transactions of a job, so that others can write. The first one took `held` seconds.

    SQLite has no lock queue. Waiting connections retry every 0.1 s, and would find the database locked each time.
    """
    if db.engine.dialect.name == "sqlite":
        time.sleep(min(held / 2, YIELD_SECONDS_MAX))


def record_last_use(model: Any, row_id: UUID, **values: Any) -> None:
    """Record when a row was last used, and other values. Skip this if the database is locked."""
    with contextlib.suppress(OperationalError), transaction():
        db.session.execute(update(model).where(model.id == row_id).values(last_used_at=now(), **values))


def advisory_lock(name: str) -> None:
    """Lock `name` until this transaction ends. Wait for other transactions.

    On SQLite this does nothing: a writing transaction locks the whole database.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def advisory_locks(names: Sequence[str]) -> None:
    """Lock many names in this order, in one statement."""
    if names and db.engine.dialect.name == "postgresql":
        each = func.unnest(literal(list(names), ARRAY(Text))).table_valued("name")
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(each.c.name))))


def remove_time_limit() -> None:
    """Let statements of this transaction run for longer than those of a request."""
    if db.engine.dialect.name == "postgresql":
        # Raw SQL, because SQLAlchemy has no expression for SET. LOCAL: until the end of the transaction.
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
