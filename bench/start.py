"""Seconds until Rollcall is ready, and until a command has run, on a filled database: python -m bench.start.

The floors are gunicorn with an empty Flask app, and a program that only imports the libraries. “Without compiled
templates” is the first start of a checkout. Later starts and the image have compiled templates.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from bench.instances import SERVER, free_port, temporary_instance
from bench.servers import empty, rollcall
from bench.timing import processor_seconds
from webapp.settings import ROOT

READY_MAX, COMMAND_MAX = 3.0, 1.2
LIBRARIES = "import flask, flask_sqlalchemy, flask_migrate, flask_openapi, flask_wtf, flask_babel, psycopg2, structlog"


Seconds = tuple[float, float]
Measure = Callable[[], Seconds]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.start")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with temporary_instance("postgresql", args.users, server=args.server) as instance:
        rows = measurements(instance.environment)
        start(rollcall(instance.environment))
        times: dict[str, list[Seconds]] = {name: [] for name, _measure, _limit in rows}
        for _round in range(args.rounds):
            for name, measure, _limit in rows:
                times[name].append(measure())
    print("| what | median s | processor s | at most |\n|---|---:|---:|---:|")
    for name, _measure, limit in rows:
        wall, processor = (statistics.median(each) for each in zip(*times[name], strict=True))
        print(f"| {name} | {wall:.2f} | {processor:.2f} | {limit or ''} |")


def measurements(settings: dict[str, str]) -> list[tuple[str, Measure, float | None]]:
    environment = os.environ | settings
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "users", "list"]
    return [
        ("an empty Flask app is ready", lambda: start(empty(f"127.0.0.1:{free_port()}")), None),
        ("Rollcall is ready", lambda: start(rollcall(settings)), READY_MAX),
        ("Rollcall is ready, without compiled templates", lambda: first_start(settings), None),
        ("the libraries are imported", lambda: run([sys.executable, "-c", LIBRARIES], environment), None),
        ("`flask users list` has run", lambda: run(command, environment), COMMAND_MAX),
    ]


def start(server: contextlib.AbstractContextManager[subprocess.Popen[bytes]]) -> Seconds:
    """Return the seconds until the server answers, from the start of its process, and its processor time."""
    began = time.perf_counter()
    with server as process:
        return time.perf_counter() - began, processor_seconds(process.pid)


def first_start(settings: dict[str, str]) -> Seconds:
    for folder in (ROOT / "instance").glob("templates-*"):
        shutil.rmtree(folder)
    return start(rollcall(settings))


def run(command: list[str], environment: dict[str, str]) -> Seconds:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
