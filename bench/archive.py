"""Measures audit archives against PostgreSQL's own COPY and DELETE: python -m bench.archive.

The floor copies the same rows to a file and deletes them in one transaction, in a copy of the database. During the
archive, and for some time before, a thread changes people one after another: the longest change shows how long people
wait.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg2
from sqlalchemy import select

from bench.backup import FLASK, Target, run
from bench.instances import BENCH, SERVER, Instance, temporary_instance
from bench.trail import lengthen
from webapp.core.clock import now
from webapp.core.ids import min_id_at
from webapp.db.session import db
from webapp.settings import ROOT
from webapp.users.models import User
from webapp.users.services import update_user

PEOPLE = 10_000
AGE = timedelta(days=31)
CALM_SECONDS = 20
PAUSE_SECONDS = 0.005
TABLES = ("audit_records", "audit_details")


@dataclass
class Writer:
    """Changes people until the end. `seconds`: how long each change took."""

    instance: Instance
    seconds: list[float] = field(default_factory=list)

    def work(self, ended: threading.Event) -> None:
        with self.instance.app.app_context():
            ids = list(db.session.scalars(select(User.id).limit(1000)))
        number = 0
        while not ended.wait(PAUSE_SECONDS):
            began = time.perf_counter()
            with self.instance.app.app_context():
                update_user(ids[number % len(ids)], name=f"Name {number}", by=BENCH)
            self.seconds.append(time.perf_counter() - began)
            number += 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.archive")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--server", default=SERVER, help="address of the PostgreSQL server")
    args = parser.parse_args()
    with (
        temporary_instance("postgresql", PEOPLE, server=args.server) as instance,
        tempfile.TemporaryDirectory(prefix="rollcall-bench-", dir=ROOT / "instance") as folder,
    ):
        lengthen(instance, args.records)
        url = instance.environment["DATABASE_URL"]
        _set_logged(url)
        print(f"\n## Archive of a trail of {args.records:,} records\n", flush=True)
        before = (now() - AGE).date()
        with instance.app.app_context():
            db.engine.dispose()
        with Target(url, args.server, "floor", template=True) as target:
            rows, floor = _copy_and_delete(target.url, Path(folder) / "rows.copy")
        print(f"COPY and DELETE of {rows:,} records: {floor:.1f} s", flush=True)
        with _writing(instance) as calm:
            time.sleep(CALM_SECONDS)
        command = [*FLASK, "audit", "archive", "--before", str(before), "--folder", folder]
        with _writing(instance) as busy:
            ours = run(command, instance.environment)
        print(f"`audit archive`: {ours.seconds:.1f} s, {ours.memory:.0f} MB, ratio {floor / ours.seconds:.2f}")
        print(f"Changes of people: {_described(busy)} meanwhile; {_described(calm)} before.")
        verified = run([*FLASK, "audit", "verify", "--archive", folder], instance.environment)
        sizes = {path.suffix: path.stat().st_size / 1e6 for path in Path(folder).iterdir()}
        print(f"`audit verify --archive`: {verified.seconds:.1f} s, {verified.memory:.0f} MB. Megabytes: {sizes}")


@contextmanager
def _writing(instance: Instance) -> Iterator[Writer]:
    writer, ended = Writer(instance), threading.Event()
    thread = threading.Thread(target=writer.work, args=(ended,))
    thread.start()
    try:
        yield writer
    finally:
        ended.set()
        thread.join()


def _described(writer: Writer) -> str:
    ordered = sorted(writer.seconds)
    times = [ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1]]
    median, slow, longest = (f"{each * 1000:.0f}" for each in times)
    return f"{len(ordered):,}, median {median} ms, 99 % within {slow} ms, longest {longest} ms"


def _set_logged(url: str) -> None:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} SET LOGGED")
    connection.close()


def _copy_and_delete(url: str, path: Path) -> tuple[int, float]:
    """Return the number of records and the seconds."""
    first = min_id_at(now() - AGE)
    began = time.perf_counter()
    with psycopg2.connect(url) as connection, connection.cursor() as cursor, path.open("wb") as file:
        joined = "audit_records JOIN audit_details ON record_id = id"
        cursor.copy_expert(f"COPY (SELECT * FROM {joined} WHERE id < '{first}' ORDER BY shard, seq) TO STDOUT", file)
        cursor.execute("DELETE FROM audit_details WHERE record_id < %s", (str(first),))
        cursor.execute("DELETE FROM audit_records WHERE id < %s", (str(first),))
        rows = cursor.rowcount
    connection.close()
    return rows, time.perf_counter() - began


if __name__ == "__main__":
    main()
