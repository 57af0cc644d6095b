"""The database session, the base of all models, their column types, and transactions."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    DateTime,
    Dialect,
    MetaData,
    String,
    Text,
    TypeDecorator,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase

from webapp.core.clock import now
from webapp.core.engines import WRITES, init_engine

GIVE_WAY_MAX = 0.11
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


_QUEUES = ("before_commit", "after_commit")

T = TypeVar("T")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, UTC text on SQLite, always aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """None on PostgreSQL, whose moments are aware: a list has hundreds of them."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class JsonText(TypeDecorator[Any]):
    """JSON that is kept to the letter, so that its hash stays the same; PostgreSQL's own types rewrite it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return json.loads(value or "null")


json_text: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def Key(length: int) -> String:  # noqa: N802  reads as a column type
    """A text that is compared and sorted byte by byte, the same on both engines whatever the database's locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


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


def release() -> None:
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


def give_way(held: float) -> None:
    """Between two writing transactions of long work, the first `held` seconds long: lets others write.

    SQLite knows no queue: whoever waits looks again every tenth of a second, and would find it locked each time.
    """
    if db.engine.dialect.name == "sqlite":
        time.sleep(min(held / 2, GIVE_WAY_MAX))


def touch(model: Any, row_id: UUID) -> None:
    """Writes when a row was last used; that is no reason to fail when somebody else is writing."""
    with contextlib.suppress(OperationalError), transaction():
        db.session.execute(update(model).where(model.id == row_id).values(last_used_at=now()))


def constraint_of(error: IntegrityError) -> str:
    """The name of the refused constraint; on SQLite, which tells columns only, the name our convention gives it."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    message = str(error.orig)
    if message.startswith("UNIQUE constraint failed: "):
        columns = message.partition(": ")[2].split(", ")
        table = columns[0].partition(".")[0]
        return "_".join(["uq", table, *(column.partition(".")[2] for column in columns)])
    return message.rpartition(": ")[2]


def init_database(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        init_engine(db.engine)


def lock(name: str) -> None:
    """Waits until no other transaction holds the lock `name`; it is held until this transaction ends.

    On SQLite a writing transaction holds the whole database already.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
