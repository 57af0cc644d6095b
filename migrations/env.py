"""Runs the Alembic migrations with the database engine of the app."""

from __future__ import annotations

import time

import structlog
from alembic import context
from flask import current_app
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

# Statements of others queue behind a migration that waits for the lock of a table. So it waits only this long, then it
# is rolled back, lets the others pass, and starts again.
LOCK_WAIT, LOCK_PAUSE_SECONDS = "500ms", 1
_LOCK_NOT_AVAILABLE = "55P03"

database = current_app.extensions["migrate"].db
log = structlog.get_logger("rollcall.migrations")


def include_object(item, name, kind, reflected, compare_to) -> bool:
    """Leave out what the models do not describe: indexes named …_pg, and everything with _sqlite in its name."""
    return not (kind == "index" and name.endswith("_pg")) and "_sqlite" not in name


def run() -> None:
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # A migration of ten million rows takes longer than the time limits of requests.
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
            # CREATE INDEX CONCURRENTLY runs outside a transaction. Nobody queues behind it.
            connection.execute(text("SET lock_timeout = 0"))
            # Only one server migrates at a time. Another server polls for the lock. If it waited inside a statement,
            # CREATE INDEX CONCURRENTLY of the first server would wait for the transaction of this statement.
            while not connection.scalar(text("SELECT pg_try_advisory_lock(hashtext('rollcall migrations'))")):
                connection.commit()
                time.sleep(0.2)
            connection.commit()
            event.listen(connection, "begin", limit_lock_waits)
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
        while True:
            try:
                with context.begin_transaction():
                    context.run_migrations()
                break
            except OperationalError as error:
                if getattr(error.orig, "pgcode", None) != _LOCK_NOT_AVAILABLE:
                    raise
                connection.rollback()
                log.warning("migrations.waiting_for_a_lock", statement=error.statement)
                time.sleep(LOCK_PAUSE_SECONDS)
        connection.invalidate()


def limit_lock_waits(connection) -> None:
    if not connection.connection.driver_connection.autocommit:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")


if context.is_offline_mode():
    raise SystemExit("Migrations of Rollcall read the database. Run them with a connection.")
run()
