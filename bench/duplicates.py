"""python -m bench.duplicates: the job that finds duplicates, compared with reading what it compares.

Every hundredth person gets an address like that of their neighbour and the same name. The floor reads the same columns
of all people with the driver alone. The job runs in a process of its own, whose largest memory is printed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
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
        peaks: list[int] = []
        first, second = (seconds_of(lambda: peaks.append(_find(instance.environment))) for _run in range(2))
        pairs = db.session.scalar(select(func.count()).select_from(DuplicatePair)) or 0
    return (
        f"| {instance.engine} | {instance.users:,} | {floor:.1f} | {first:.1f} | {first / floor:.1f} | {second:.1f}"
        f" | {planted:,} | {pairs:,} | {max(peaks) / 1024:.0f} |"
    )


def _plant() -> int:
    """Turn neighbours by ID into duplicates. Return the number of pairs."""
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


def _find(environment: dict[str, str]) -> int:
    """Run the job. Return the largest memory of its process, in kB."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", "duplicates.find"]
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _peak_of(process.pid))
        time.sleep(0.2)
    assert process.returncode == 0
    return peak


def _peak_of(pid: int) -> int:
    """Return VmHWM. The resource usage of children would include the memory of this process before exec."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main()
