"""python -m bench.duplicates: the job that finds duplicates, compared with reading what it compares.

Every hundredth person gets an address like that of their neighbour and the same name. The floor reads the same columns
of all people with the driver alone. The job runs in a process of its own, whose largest memory is printed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from typing import Any

from sqlalchemy import bindparam, func, select, update

from bench.instances import ENGINES, SERVER, Instance, temporary_instance
from bench.timing import seconds_of
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.duplicates.models import DuplicatePair
from webapp.users.models import User

EVERY = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    args = parser.parse_args()
    print("| engine | people | floor, s | first run, s | ratio | second run, s | planted | pairs | memory, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance:
            print(measure(instance), flush=True)


def measure(instance: Instance) -> str:
    with instance.app.app_context():
        planted = _plant()
        floor = seconds_of(_read_all)
        first, second = (seconds_of(lambda: _find(instance.environment)) for _run in range(2))
        pairs = db.session.scalar(select(func.count()).select_from(DuplicatePair)) or 0
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return (
        f"| {instance.engine} | {instance.users:,} | {floor:.1f} | {first:.1f} | {first / floor:.1f} | {second:.1f}"
        f" | {planted:,} | {pairs:,} | {memory:.0f} |"
    )


def _plant() -> int:
    """Make pairs of people who follow one another by ID. Return their number."""
    rows = db.session.execute(select(User.id, User.name_key, User.email_key).order_by(User.id)).all()
    pairs = list(zip(rows[1::EVERY], rows[2::EVERY], strict=False))
    values = [
        {"row": other.id, "new_name": one.name_key, "new_email": one.email_key.replace("@", "+2@")}
        for one, other in pairs
    ]
    table = User.__table__
    with transaction():
        statement = update(table).where(table.c.id == bindparam("row"))
        db.session.connection().execute(
            statement.values(name_key=bindparam("new_name"), email_key=bindparam("new_email")), values
        )
    return len(pairs)


def _read_all() -> None:
    connection: Any = db.engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("SELECT id, name_key, email_key, attributes FROM users ORDER BY id")
    while cursor.fetchmany(5000):
        pass
    connection.close()


def _find(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", "duplicates.find"]
    subprocess.run(command, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
