"""Transactions: only `transaction()` commits."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from webapp.core.clock import now
from webapp.db.engines import WRITES
from webapp.db.session import db

GIVE_WAY_MAX = 0.11


_QUEUES = ("before_commit", "after_commit")

T = TypeVar("T")


@contextmanager
def transaction() -> Iterator[None]:
    """Commits at the end, or leaves no trace. Inside another one it is a savepoint. Also a decorator.

    The outermost one starts afresh: what was read before is read again inside, so that no
    decision rests on old rows (and SQLite can take its write lock at the beginning). After it,
    what it read and wrote stays as it was then, so that showing it needs no statement more.
    """
    session = db.session
    if session.info.get("in_transaction"):
        with _forgetting(session), session.begin_nested():
            yield
        return
    session.rollback()
    session.expire_all()
    session.info.update(in_transaction=True, before_commit=[], after_commit=[])
    try:
        session.connection(execution_options={WRITES: True})
        yield
        _settle(session)
        session.commit()
        afterwards = session.info["after_commit"]
    except BaseException:
        session.rollback()
        raise
    finally:
        for name in ("in_transaction", *_QUEUES):
            session.info.pop(name, None)
    for work in afterwards:
        work()


def release_connection() -> None:
    """Gives the connection back before what takes long and needs none; inside a transaction it stays."""
    if not db.session.info.get("in_transaction"):
        db.session.rollback()


def before_commit(work: Callable[[list[T]], object], item: T) -> None:
    """Runs `work` once, as the last thing before the outermost commit, with every item it was asked to do.

    Items of a nested transaction that fails are forgotten with everything else it did. What `work` locks is locked
    last, and only until the commit.
    """
    db.session.info["before_commit"].append((work, item))


def after_commit(work: Callable[[], object]) -> None:
    """Runs `work` once the outermost transaction has been committed, and never when it is rolled back."""
    db.session.info["after_commit"].append(work)


@contextmanager
def _forgetting(session: Any) -> Iterator[None]:
    """What a savepoint that fails asked to be done before or after the commit is not done."""
    lengths = {name: len(session.info[name]) for name in _QUEUES}
    try:
        yield
    except BaseException:
        for name, length in lengths.items():
            del session.info[name][length:]
        raise


def _settle(session: Any) -> None:
    waiting = session.info["before_commit"]
    if waiting:
        # Rows are written, and their locks taken, before what works on the way out may lock.
        session.flush()
    while waiting:
        work = waiting[0][0]
        items = [item for other, item in waiting if other == work]
        waiting[:] = [pair for pair in waiting if pair[0] != work]
        work(items)


def yield_to_writers(held: float) -> None:
    """Between two writing transactions of long work, the first `held` seconds long: lets others write.

    SQLite knows no queue: whoever waits looks again every tenth of a second, and would find it locked each time.
    """
    if db.engine.dialect.name == "sqlite":
        time.sleep(min(held / 2, GIVE_WAY_MAX))


def record_last_use(model: Any, row_id: UUID) -> None:
    """Writes when a row was last used; that is no reason to fail when somebody else is writing."""
    with contextlib.suppress(OperationalError), transaction():
        db.session.execute(update(model).where(model.id == row_id).values(last_used_at=now()))


def advisory_lock(name: str) -> None:
    """Waits until no other transaction holds the lock `name`; it is held until this transaction ends.

    On SQLite a writing transaction holds the whole database already.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
