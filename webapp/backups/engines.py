"""What differs between the engines."""

from __future__ import annotations

from sqlalchemy import Connection

from webapp.backups.tables_postgresql import PostgresqlTables
from webapp.backups.tables_sqlite import SqliteTables

Tables = PostgresqlTables | SqliteTables


def tables_in(connection: Connection) -> Tables:
    return PostgresqlTables(connection) if connection.dialect.name == "postgresql" else SqliteTables(connection)


def update_statistics(connection: Connection) -> None:
    """Let the planner know the new rows, as autovacuum would some minutes later. Without it, first lists are slow."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("ANALYZE")
