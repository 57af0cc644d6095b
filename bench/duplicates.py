"""python -m bench.duplicates: the job that finds duplicates, compared with reading what it compares.

The floor reads the same columns of all people with the driver alone. The memory is the growth of this process, which
runs the job as a worker does.
"""

from __future__ import annotations

import argparse
import resource
from typing import Any

from sqlalchemy import func, select

from bench.instances import BENCH, ENGINES, SERVER, Instance, temporary_instance
from bench.timing import seconds_of
from webapp.db.session import db
from webapp.duplicates.models import DuplicatePair
from webapp.duplicates.tasks import FIND_JOB
from webapp.jobs.services import enqueue, run_job


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    args = parser.parse_args()
    print("| engine | people | floor, s | first run, s | ratio | second run, s | pairs | memory, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance:
            print(measure(instance), flush=True)


def measure(instance: Instance) -> str:
    with instance.app.app_context():
        floor, before = seconds_of(_read_all), _memory()
        first, second = seconds_of(_find), seconds_of(_find)
        pairs = db.session.scalar(select(func.count()).select_from(DuplicatePair)) or 0
        grown = (_memory() - before) / 1024
    return (
        f"| {instance.engine} | {instance.users:,} | {floor:.1f} | {first:.1f} | {first / floor:.1f} | {second:.1f}"
        f" | {pairs:,} | {grown:.0f} |"
    )


def _read_all() -> None:
    connection: Any = db.engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("SELECT id, name_key, email_key, attributes FROM users ORDER BY id")
    while cursor.fetchmany(5000):
        pass
    connection.close()


def _find() -> None:
    run_job(enqueue(FIND_JOB, by=BENCH).id, holder="bench")


def _memory() -> int:
    """Return the largest memory of this process so far, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
