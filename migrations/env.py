"""Runs Alembic's migrations over the app's own engine."""

from __future__ import annotations

import time

from alembic import context
from flask import current_app
from sqlalchemy import text

database = current_app.extensions["migrate"].db


def include_object(item, name, kind, reflected, compare_to) -> bool:
    """What one engine alone has ends in _pg or has _sqlite in its name, and is no part of the models."""
    return not (kind == "index" and name.endswith("_pg")) and "_sqlite" not in name


def run() -> None:
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # A migration of ten million rows takes longer than a page may.
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SET lock_timeout = 0"))
            # Two servers that start at once: the second waits, and finds the work done. It asks again and again: while
            # a statement of its own waited, no index could be made beside others' work, which waits for all of these.
            while not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('rollcall migrations'))")):
                connection.commit()
                time.sleep(0.2)
            connection.commit()
        else:
            # Dropping a table that was made anew would take along whatever refers to its rows. Works before BEGIN only.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection.execution_options(writes=True),
            target_metadata=database.metadata,
            render_as_batch=True,
            # SQLite too, with the BEGIN that we send: a migration that fails leaves nothing of its own behind.
            transactional_ddl=True,
            # On PostgreSQL one may end its transaction, to make an index while people work.
            transaction_per_migration=True,
            include_object=include_object,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.invalidate()


if context.is_offline_mode():
    raise SystemExit("Rollcall's migrations look at the database; run them with a connection.")
run()
