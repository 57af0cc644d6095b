"""Creates and drops the expression indexes by which lists are sorted. Other transactions continue meanwhile.

Their names end in `_pg`, like those of all indexes that are not part of the models (see migrations/env.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select, text

from webapp.attributes.models import Attribute, Kind
from webapp.attributes.sorting_and_filtering import sort_sql
from webapp.db.session import db

_LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
# A killed CREATE INDEX CONCURRENTLY leaves an invalid index, which writes maintain but no query uses.
_INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid"


def index_name(attribute: Attribute, kind: str | None = None) -> str:
    """Return the name of the index for this kind, by default the attribute's own kind.

    The name differs for numbers, because their index has a different expression.
    """
    return f"ix_users_attr_{'n' if (kind or attribute.kind) == Kind.NUMBER else 't'}_{attribute.key}_pg"


def reconcile_index(attribute: Attribute, *, wanted: bool) -> bool:
    """Create the attribute's index if it is `wanted`, else drop it. Drop the index of a previous kind.

    Idempotent. Return False if another worker is building an index of this attribute. On PostgreSQL this runs outside
    the current transaction, which must not hold locks on `users` or `attributes`: a concurrent build waits for them.
    """
    names = {index_name(attribute, kind) for kind in (Kind.TEXT, Kind.NUMBER)}
    needed = index_name(attribute) if wanted else None
    columns = f"users ({sort_sql(attribute)}, id)"
    if db.engine.dialect.name == "sqlite":
        _reconcile_on_sqlite(names, needed, columns)
        return True
    with _exclusive_connection(attribute) as connection:
        if connection is None:
            return False
        _reconcile_on_postgresql(connection, names, needed, columns)
    return True


def _reconcile_on_sqlite(names: set[str], needed: str | None, columns: str) -> None:
    for name in sorted(names - {needed}):
        db.session.execute(text(f"DROP INDEX IF EXISTS {name}"))
    if needed:
        db.session.execute(text(f"CREATE INDEX IF NOT EXISTS {needed} ON {columns}"))


def _reconcile_on_postgresql(connection: Connection, names: set[str], needed: str | None, columns: str) -> None:
    for name in sorted(names):
        if name != needed or connection.execute(text(_INVALID), {"name": name}).first():
            connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
    if needed:
        connection.execute(text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {needed} ON {columns}"))
        # PostgreSQL has no statistics of an expression until ANALYZE runs with its index.
        connection.execute(text("ANALYZE users"))


@contextmanager
def _exclusive_connection(attribute: Attribute) -> Iterator[Connection | None]:
    """Yield a connection in autocommit mode without time limits, or None if another worker has the attribute's lock.

    It does not wait for the lock: a concurrent build waits for all older statements, so it would wait for the
    statement that waits for its lock.
    """
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        # A detached connection does not return to the pool. Closing it ends its settings and its lock.
        connection.detach()
        for limit in _LIMITS:
            connection.execute(text(f"SET {limit} = 0"))
        locked = connection.scalar(select(func.pg_try_advisory_lock(func.hashtext(f"index {attribute.key}"))))
        yield connection if locked else None
