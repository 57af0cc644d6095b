"""The floor of an import: its rows, inserted without any check into a copy of the database from before the import.

On PostgreSQL with COPY from prepared text, into the same tables with the same indexes, in one transaction. On
SQLite with executemany.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import psycopg2
from sqlalchemy import Table
from sqlalchemy.engine import make_url

from webapp.audit.models import AuditDetails, AuditRecord
from webapp.db.session import db
from webapp.users.models import User

ROWS = {
    User: "email_key LIKE 'import%%@new.example.com'",
    AuditRecord: "batch_id = '{batch}'",
    AuditDetails: "record_id IN (SELECT id FROM audit_records WHERE batch_id = '{batch}')",
}


@contextmanager
def copied_database(url: str, server: str) -> Iterator[str]:
    """Yield the address of a copy of the database, which must have no connections now."""
    db.session.remove()
    db.engine.dispose()
    name = make_url(url).database or ""
    if url.startswith("sqlite"):
        shutil.copy(name, f"{name}.floor")
        yield f"{name}.floor"
        Path(f"{name}.floor").unlink()
        return
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {name}_floor TEMPLATE {name}")
        try:
            yield make_url(server).set(database=f"{name}_floor").render_as_string(hide_password=False)
        finally:
            cursor.execute(f"DROP DATABASE {name}_floor WITH (FORCE)")


def seconds_of_floor(url: str, copy: str, batch_id: UUID) -> float:
    """Insert the rows that the import inserted into `copy`. Return the seconds."""
    queries = {
        _table(model): f"SELECT {_columns(model)} FROM {_table(model)} WHERE {where.format(batch=batch_id.hex)}"
        for model, where in ROWS.items()
    }
    return _sqlite(url, copy, queries) if url.startswith("sqlite") else _postgresql(url, copy, queries)


def _postgresql(url: str, copy: str, queries: dict[str, str]) -> float:
    texts: dict[str, io.StringIO] = {}
    with closing(psycopg2.connect(url)) as connection:
        for table, query in queries.items():
            texts[table] = io.StringIO()
            connection.cursor().copy_expert(f"COPY ({query.replace('%%', '%')} ORDER BY 1) TO STDOUT", texts[table])
    with closing(psycopg2.connect(copy)) as connection:
        began = time.perf_counter()
        for (table, text), model in zip(texts.items(), ROWS, strict=True):
            text.seek(0)
            connection.cursor().copy_expert(f"COPY {table} ({_columns(model)}) FROM STDIN", text)
        connection.commit()
        return time.perf_counter() - began


def _sqlite(url: str, copy: str, queries: dict[str, str]) -> float:
    with closing(sqlite3.connect(make_url(url).database or "")) as connection:
        rows = {table: connection.execute(query.replace("%%", "%")).fetchall() for table, query in queries.items()}
    with closing(sqlite3.connect(copy)) as connection:
        began = time.perf_counter()
        for (table, values), model in zip(rows.items(), ROWS, strict=True):
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} ({_columns(model)}) VALUES ({marks})", values)
        connection.commit()
        return time.perf_counter() - began


def _table(model: Any) -> str:
    return cast("Table", model.__table__).name


def _columns(model: Any) -> str:
    return ", ".join(column.name for column in model.__table__.columns if column.computed is None)
