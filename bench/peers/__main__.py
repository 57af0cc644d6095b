"""python -m bench.peers [--users N | --database URL]

The list of people in Rollcall, Django admin and Flask-Admin over the same PostgreSQL database, taking turns with the
web floor of `bench.bare`: each behind gunicorn with two workers, each request a new connection. The two others need not
sign anybody in, which favours them.
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

from bench.instances import Instance, existing_instance, free_port, temporary_instance
from bench.pages import middle_id
from bench.plans import signed_in
from bench.servers import Client, bare, gunicorn, rollcall

FOLDER = Path(__file__).parent
PAGE = 50


class Work(NamedTuple):
    """One task in the list, with its address in each panel."""

    name: str
    rollcall: str
    django: str
    flask_admin: str


def works(users: int) -> list[Work]:
    """`all=0&p=` and `page=` are page numbers. Rollcall has none; it starts in the middle at a letter."""
    middle, last = users // 2 // PAGE, users // PAGE - 1
    return [
        Work("first page", "/users", "", ""),
        Work("sorted by e-mail", "/users?sort=email", "?o=1", "?sort=0"),
        Work("the middle", "/users?at=m", f"?p={middle}", f"?page={middle}"),
        Work("the last page", "/users?sort=-created&at=1990-01-01", f"?p={last}", f"?page={last}"),
        Work("deactivated", "/users?status=deactivated", "?status__exact=deactivated", "?flt1_0=deactivated"),
        Work("search: rare", "/users?q=qzanton", "?q=qzanton", "?search=qzanton"),
        Work("search: common", "/users?q=anna", "?q=anna", "?search=anna"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres", help="which PostgreSQL")
    parser.add_argument("--database", help="a filled Rollcall to measure instead")
    parser.add_argument("--rounds", type=int, default=7, help="requests of each page")
    args = parser.parse_args()
    if args.database:
        compare(existing_instance(args.database), args.rounds)
        return
    with temporary_instance("postgresql", args.users, server=args.server) as instance:
        compare(instance, args.rounds)


def compare(instance: Instance, rounds: int) -> None:
    """Prints medians in milliseconds, one row for each task."""
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
        print("| work | web floor | Rollcall | Django admin | Flask-Admin |\n|---|---:|---:|---:|---:|", flush=True)
        for work in works(instance.users):
            asked = [
                (floor, "/"),
                (ours, work.rollcall),
                (django, f"/admin/auth/person/{work.django}"),
                (flask_admin, f"/people/{work.flask_admin}"),
            ]
            times: list[list[float]] = [[] for _asked in asked]
            for _round in range(rounds):
                for kept, (client, path) in zip(times, asked, strict=True):
                    answer = client.get(path)
                    kept.append(answer.seconds if answer.status == 200 else float("nan"))
            print(
                f"| {work.name} | " + " | ".join(f"{statistics.median(t) * 1000:,.1f}" for t in times) + " |",
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
    # Not the configuration that lies beside: it is Rollcall's.
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
