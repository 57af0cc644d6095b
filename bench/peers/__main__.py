"""python -m bench.peers [--users N | --database URL]

Compares the list of people in Rollcall, Django admin and Flask-Admin on the same PostgreSQL database, and the web floor
of `bench.bare`. They take turns. Each runs under gunicorn with two workers, and each request uses a new connection.
Django admin and Flask-Admin do not check sessions, which makes them faster.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.engine import make_url

from bench.instances import SERVER, Instance, existing_instance, free_port, temporary_instance
from bench.pages import middle_id
from bench.plans import signed_in
from bench.servers import Client, bare, gunicorn, rollcall

FOLDER = Path(__file__).parent
PAGE = 50


class Task(NamedTuple):
    """One task in the list, with its address in each panel."""

    name: str
    rollcall: str
    django: str
    flask_admin: str


def tasks(users: int) -> list[Task]:
    """Return the tasks. The other panels have page numbers; Rollcall finds the middle by a letter."""
    middle, last = users // 2 // PAGE, users // PAGE - 1
    return [
        Task("first page", "/users", "", ""),
        Task("sorted by e-mail", "/users?sort=email", "?o=1", "?sort=0"),
        Task("the middle", "/users?at=m", f"?p={middle}", f"?page={middle}"),
        Task("the last page", "/users?sort=-created&at=1990-01-01", f"?p={last}", f"?page={last}"),
        Task("deactivated", "/users?status=deactivated", "?status__exact=deactivated", "?flt1_0=deactivated"),
        Task("search: rare", "/users?q=qzanton", "?q=qzanton", "?search=qzanton"),
        Task("search: common", "/users?q=anna", "?q=anna", "?search=anna"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--server", default=SERVER, help="address of the PostgreSQL server")
    parser.add_argument("--database", help="measure this filled database instead")
    parser.add_argument("--rounds", type=int, default=7, help="requests for each page")
    args = parser.parse_args()
    if args.database:
        compare(existing_instance(args.database), args.rounds)
        return
    with temporary_instance("postgresql", args.users, server=args.server) as instance:
        compare(instance, args.rounds)


def compare(instance: Instance, rounds: int) -> None:
    """Print medians in milliseconds, one row for each task."""
    ours = Client(instance.environment["BIND"])
    django, flask_admin, floor = (Client(f"127.0.0.1:{free_port()}") for _ in "123")
    ours.cookies = signed_in(instance)
    with (
        rollcall(instance.environment),
        bare(f"{floor.host}:{floor.port}", instance.environment["DATABASE_URL"], middle_id(instance)),
        _environment() as python,
        _peer(python, "django_app", django, instance, "/admin/auth/person/"),
        _peer(python, "flask_admin_app", flask_admin, instance, "/people/"),
    ):
        print(f"\n## {instance.users:,} people: medians of {rounds}, ms\n")
        print("| task | web floor | Rollcall | Django admin | Flask-Admin |\n|---|---:|---:|---:|---:|", flush=True)
        for task in tasks(instance.users):
            requests = [
                (floor, "/"),
                (ours, task.rollcall),
                (django, f"/admin/auth/person/{task.django}"),
                (flask_admin, f"/people/{task.flask_admin}"),
            ]
            times: list[list[float]] = [[] for _request in requests]
            for _round in range(rounds):
                for seconds, (client, path) in zip(times, requests, strict=True):
                    answer = client.get(path)
                    seconds.append(answer.seconds if answer.status == 200 else float("nan"))
            print(
                f"| {task.name} | " + " | ".join(f"{statistics.median(t) * 1000:,.1f}" for t in times) + " |",
                flush=True,
            )


@contextmanager
def _environment() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="rollcall-peers-") as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = f"{folder}/bin/python"
        install = [python, "-m", "pip", "install", "--quiet", "-r", str(FOLDER / "requirements.txt")]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        yield python


@contextmanager
def _peer(python: str, module: str, client: Client, instance: Instance, path: str) -> Iterator[None]:
    url = make_url(instance.environment["DATABASE_URL"])
    environment = {
        "DATABASE_URL": url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False),
        "PGHOST": url.host or "",
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or os.environ.get("USER", ""),
        "PGDATABASE": url.database or "",
    }
    bind = f"{client.host}:{client.port}"
    # Without a configuration file: gunicorn.conf.py is for Rollcall.
    arguments = [
        "-c",
        os.devnull,
        "-w",
        "2",
        "--bind",
        bind,
        "--timeout",
        "300",
        "--log-level",
        "warning",
        f"bench.peers.{module}:app",
    ]
    with gunicorn(arguments, environment, bind, path, python=python):
        yield


if __name__ == "__main__":
    main()
