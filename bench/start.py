"""Seconds until Rollcall is ready, and until a command has run, on a filled database: python -m bench.start.

The floors are gunicorn with an empty Flask app, and a program that only imports the libraries. “Without compiled
templates” is the first start of a checkout; later starts and the image have them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from bench.instances import SERVER, free_port, temporary_instance
from bench.servers import empty, rollcall
from webapp.settings import ROOT

READY_MAX, COMMAND_MAX = 3.0, 1.2
LIBRARIES = "import flask, flask_sqlalchemy, flask_migrate, flask_openapi, flask_wtf, flask_babel, psycopg2, structlog"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.start")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with temporary_instance("postgresql", args.users, server=args.server) as instance:
        environment = os.environ | instance.environment
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "users", "list"]
        rows: list[tuple[str, Callable[[], float], float | None]] = [
            ("an empty Flask app is ready", lambda: start(empty(f"127.0.0.1:{free_port()}")), None),
            ("Rollcall is ready", lambda: start(rollcall(instance.environment)), READY_MAX),
            ("Rollcall is ready, without compiled templates", lambda: first_start(instance.environment), None),
            ("the libraries are imported", lambda: run([sys.executable, "-c", LIBRARIES], environment), None),
            ("`flask users list` has run", lambda: run(command, environment), COMMAND_MAX),
        ]
        start(rollcall(instance.environment))
        times: dict[str, list[float]] = {name: [] for name, _measure, _limit in rows}
        for _round in range(args.rounds):
            for name, measure, _limit in rows:
                times[name].append(measure())
    print("| what | median s | fastest s | at most |\n|---|---:|---:|---:|")
    for name, _measure, limit in rows:
        print(f"| {name} | {statistics.median(times[name]):.2f} | {min(times[name]):.2f} | {limit or ''} |")


def start(server: contextlib.AbstractContextManager[object]) -> float:
    """Return the seconds until the server answers, from the start of its process."""
    began = time.perf_counter()
    with server:
        return time.perf_counter() - began


def first_start(environment: dict[str, str]) -> float:
    for folder in (ROOT / "instance").glob("templates-*"):
        shutil.rmtree(folder)
    return start(rollcall(environment))


def run(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
