"""Runs the Alembic migrations with the database engine of the app."""

from __future__ import annotations

import time

from alembic import context
from flask import current_app
from sqlalchemy import text

database = current_app.extensions["migrate"].db


def include_object(item, name, kind, reflected, compare_to) -> bool:
    """Leave out what the models do not describe: indexes named …_pg, and everything with _sqlite in its name."""
    return not (kind == "index" and name.endswith("_pg")) and "_sqlite" not in name


def run() -> None:
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # A migration of ten million rows takes longer than the time limits of requests.
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SET lock_timeout = 0"))
            # Only one server migrates at a time. Another server polls for the lock. If it waited inside a statement,
            # CREATE INDEX CONCURRENTLY of the first server would wait for the transaction of this statement.
            while not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('rollcall migrations'))")):
                connection.commit()
                time.sleep(0.2)
            connection.commit()
        else:
            # SQLite changes a table by creating it again. With foreign keys on, dropping the old table would delete the
            # rows that refer to it. The PRAGMA has no effect inside a transaction.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection.execution_options(writes=True),
            target_metadata=database.metadata,
            render_as_batch=True,
            # A migration that fails is rolled back, also on SQLite, because Rollcall sends BEGIN itself.
            transactional_ddl=True,
            # A migration may commit early on PostgreSQL: CREATE INDEX CONCURRENTLY needs this.
            transaction_per_migration=True,
            include_object=include_object,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.invalidate()


if context.is_offline_mode():
    raise SystemExit("Migrations of Rollcall read the database. Run them with a connection.")
run()
