"""python -m bench.imports_apply [--rows N] [--engines postgresql,sqlite]

The speed of an import of new people, as a ratio to the floor in the same run: on PostgreSQL a bare COPY of the same
rows into the same tables with the same indexes, on SQLite executemany. Also the memory that a preview needs.
"""

from __future__ import annotations

import argparse
import io
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, select

from bench.instances import ENGINES, SERVER, temporary_instance
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.core.permissions import Actor, ActorKind
from webapp.db.copying import insert_many
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.files import recognise
from webapp.imports.local import Run, open_run
from webapp.imports.models import Mode
from webapp.imports.options import Options
from webapp.users.models import User

BY = Actor(ActorKind.COMMAND, "bench")
# Rows of one transaction of the floor, as in the import.
BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.imports_apply")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    args = parser.parse_args()
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance, instance.app.app_context():
            print(f"\n## {engine}, {args.rows:,} new people beside {args.users:,}\n", flush=True)
            print_import(args.rows)


def print_import(rows: int) -> None:
    content = "email,name,username\n" + "".join(
        f"import{number}@new.example.com,Анна Петровна Иванова {number},import{number}\n" for number in range(rows)
    )
    file = io.BytesIO(content.encode())
    info = recognise(file, filename="people.csv")
    memory = _memory_mb()
    with open_run(file, info, Options(info.mapping, Mode.CREATE), filename="people.csv", by=BY) as run:
        seconds = _timed(lambda: run.preview(_never))
        print(f"preview: {rows / seconds:,.0f} rows/s, {_memory_mb() - memory:.0f} MB more memory", flush=True)
        seconds = _timed(lambda: run.apply(_never))
        print(f"apply: {rows / seconds:,.0f} rows/s", flush=True)
        floor = _floor(run)
        print(f"floor: {rows / floor:,.0f} rows/s; ratio {floor / seconds:.2f}, wanted 0.4", flush=True)


def _floor(run: Run) -> float:
    """Delete the rows of the import, and insert the same rows again without any check. Return the seconds."""
    batch = AuditRecord.batch_id == run.imported.id
    copies = {
        "users": select(User.__table__).where(User.email_key.like("import%@new.example.com")),
        "audit_records": select(AuditRecord.__table__).where(batch),
        "audit_details": select(AuditDetails.__table__).where(
            AuditDetails.record_id.in_(select(AuditRecord.id).where(batch))
        ),
    }
    saved = {name: _saved_rows(name, query) for name, query in copies.items()}
    with transaction():
        for name, query in reversed(copies.items()):
            table = _tables()[name]
            key = next(iter(table.primary_key.columns))
            db.session.execute(table.delete().where(key.in_(query.with_only_columns(key))))
    return _timed(lambda: _insert(saved))


def _saved_rows(name: str, query: Any) -> list[dict[str, Any]]:
    columns = [column for column in _tables()[name].columns if column.computed is None]
    return [dict(row) for row in db.session.execute(query.with_only_columns(*columns)).mappings()]


def _insert(saved: dict[str, list[dict[str, Any]]]) -> None:
    for start in range(0, len(saved["users"]), BATCH):
        with transaction():
            for name, rows in saved.items():
                part = rows[start : start + BATCH]
                if part:
                    columns = list(part[0])
                    insert_many(db.session.connection(), _tables()[name], columns, [list(row.values()) for row in part])


def _tables() -> dict[str, Table]:
    models = {"users": User, "audit_records": AuditRecord, "audit_details": AuditDetails}
    return {name: cast("Table", model.__table__) for name, model in models.items()}


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _memory_mb() -> float:
    """Return the resident memory of this process now. Its peak was reached when the database was filled."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _never() -> None:
    """The benchmark is not interrupted."""


if __name__ == "__main__":
    main()
