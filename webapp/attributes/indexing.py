"""The indexes by which lists are sorted by attributes: made and dropped on demand, while others read and write.

Their names end in `_pg`, as those of all that is no part of the models (migrations/env.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select, text

from webapp.attributes.listing import expression
from webapp.attributes.models import Attribute, Kind
from webapp.db.session import db

_LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
# What an index that was killed while it was made leaves behind: writers keep it up, and no reader uses it.
_INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid"


def index_name(attribute: Attribute, kind: str | None = None) -> str:
    """Another one for numbers, which are sorted otherwise; `kind` is by default the attribute's own."""
    return f"ix_users_attr_{'n' if (kind or attribute.kind) == Kind.NUMBER else 't'}_{attribute.key}_pg"


def bring_about(attribute: Attribute, *, wanted: bool) -> bool:
    """Makes the index that the attribute needs, or none, and drops any other of it. False: somebody else is at it.

    On PostgreSQL outside of the transaction, which may be open but must have locked nothing of users or attributes:
    whoever builds an index beside writers waits for all of them.
    """
    names = {index_name(attribute, kind) for kind in (Kind.TEXT, Kind.NUMBER)}
    keep = index_name(attribute) if wanted else None
    if db.engine.dialect.name == "sqlite":
        for name in sorted(names - {keep}):
            db.session.execute(text(f"DROP INDEX IF EXISTS {name}"))
        if keep:
            db.session.execute(text(f"CREATE INDEX IF NOT EXISTS {keep} ON users ({expression(attribute)}, id)"))
        return True
    with _alone(attribute) as connection:
        if connection is None:
            return False
        for name in sorted(names):
            if name != keep or connection.execute(text(_INVALID), {"name": name}).first():
                connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
        if keep:
            build = f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {keep} ON users ({expression(attribute)}, id)"
            connection.execute(text(build))
            # How the values are spread is known of columns, and of expressions only from here on.
            connection.execute(text("ANALYZE users"))
    return True


@contextmanager
def _alone(attribute: Attribute) -> Iterator[Connection | None]:
    """A connection outside of transactions and without time limits; None while somebody else works on this index.

    Nobody waits for them inside a statement: building an index waits for every older statement, that one too.
    """
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        # It goes with its settings, and with the lock.
        connection.detach()
        for limit in _LIMITS:
            connection.execute(text(f"SET {limit} = 0"))
        locked = connection.scalar(select(func.pg_try_advisory_lock(func.hashtext(f"index {attribute.key}"))))
        yield connection if locked else None
