"""Measures backup and restore against pg_dump and pg_restore: python -m bench.backup.

Both run on the same database, in turns. Each program is a process of its own, so its memory can be read at its end.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg2
from sqlalchemy.engine import make_url

from bench.instances import SERVER, temporary_instance
from webapp.settings import ROOT

FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
FLOOR = 0.5
MEMORY_MAX = 200


@dataclass(frozen=True)
class Run:
    seconds: float
    memory: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.backup")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--server", default=SERVER, help="address of the PostgreSQL server")
    args = parser.parse_args()
    with (
        temporary_instance("postgresql", args.users, server=args.server) as instance,
        tempfile.TemporaryDirectory(prefix="rollcall-bench-", dir=ROOT / "instance") as folder,
    ):
        print(f"\n## Backup and restore of {args.users:,} people\n")
        print("| | seconds | peak memory | ratio to PostgreSQL's own tool |\n|---|---|---|---|")
        url = instance.environment["DATABASE_URL"]
        dump, backup = Path(folder) / "pg.dump", Path(folder) / "rollcall.backup"
        _compare(
            "backup",
            run(["pg_dump", "-Fc", "-f", str(dump), url], {}),
            run([*FLASK, "backup", "create", str(backup)], instance.environment),
        )
        sizes = [file.stat().st_size / 1e6 for file in (dump, backup)]
        with Target(url, args.server, "pg") as target:
            theirs = run(["pg_restore", "--no-owner", "-d", target.url, str(dump)], {})
        with Target(url, args.server, "own") as target:
            ours = run([*FLASK, "restore", str(backup)], instance.environment | {"DATABASE_URL": target.url})
        _compare("restore", theirs, ours)
        print(f"\nFile of pg_dump: {sizes[0]:.0f} MB; of Rollcall, which also verified it: {sizes[1]:.0f} MB.")


class Target:
    """An empty database beside that of `url`, or with `template` a copy of it. It exists during the block."""

    def __init__(self, url: str, server: str, suffix: str, *, template: bool = False) -> None:
        self.template = f" TEMPLATE {make_url(url).database}" if template else ""
        self.name = f"{make_url(url).database}_{suffix}"
        self.url = make_url(url).set(database=self.name).render_as_string(hide_password=False)
        self.server = server

    def __enter__(self) -> Self:
        self._execute(f"CREATE DATABASE {self.name}{self.template}")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(self.server)
        connection.autocommit = True
        connection.cursor().execute(statement)
        connection.close()


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a program to its end. Raise RuntimeError if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    memory = 0.0
    while process.poll() is None:
        memory = max(memory, _peak(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed with {process.returncode}")
    return Run(time.perf_counter() - began, memory)


def _peak(pid: int) -> float:
    """Return the peak memory of a process in MB. The figure of `wait4` would include the process that started it."""
    with suppress(OSError):
        found = re.search(r"^VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _compare(what: str, theirs: Run, ours: Run) -> None:
    ratio = theirs.seconds / ours.seconds
    met = "met" if ratio >= FLOOR and ours.memory <= MEMORY_MAX else "NOT MET"
    print(f"| {what}, PostgreSQL's tool | {theirs.seconds:.1f} | {theirs.memory:.0f} MB | |")
    print(f"| {what}, Rollcall | {ours.seconds:.1f} | {ours.memory:.0f} MB | {ratio:.2f} (at least {FLOOR}: {met}) |")


if __name__ == "__main__":
    main()
