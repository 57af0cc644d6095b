"""The released version and this one serve one database at once: upgrade under traffic, and back, without an error."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg2
import pytest

from tests.databases import migrate_in_fork, postgresql_database
from tests.deploy.servers import listening, send_request
from tests.processes import ROOT, Fork, Process, Program, wait_until
from tests.server import environment, free_port
from webapp import create_app
from webapp.audit.verify import verify
from webapp.db.session import db
from webapp.serve import serve_pages
from webapp.settings import load_settings

RELEASED = json.loads((ROOT / "deploy/released.json").read_text())
# People that traffic creates on a server before the next phase begins.
CREATED_IN_PHASE = 15
OWNER = {"ROLLCALL_ADMIN_EMAIL": "olga@example.com", "ROLLCALL_ADMIN_PASSWORD": "перекличка в полдень"}


class Traffic:
    """Threads that create and list people by API and open pages, on the servers in `ports`."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.ports: list[int] = []
        self.statuses: Counter[int] = Counter()
        self.created: list[str] = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(number,)) for number in range(2)]

    def _run(self, number: int) -> None:
        turn = 0
        while not self.stopped.is_set():
            turn += 1
            for port in list(self.ports):
                self._create(port, f"person-{number}-{turn}-{port}@example.com")
                for path in ("/api/v1/users?limit=5", "/login", "/api/v1/me"):
                    self._send(port, "GET", path)

    def _create(self, port: int, email: str) -> None:
        body = json.dumps({"email": email, "name": "A Person", "invite": False})
        if self._send(port, "POST", "/api/v1/users", body=body) == 201:
            self.created.append(email)

    def _send(self, port: int, method: str, path: str, **options: Any) -> int:
        """Return the status. A broken connection to a server that should run counts as 599."""
        try:
            status = send_request(port, method, path, headers=self.headers, **options).status
        except OSError:
            status = 599 if port in self.ports else 0
        self.statuses[status] += 1
        return status

    def wait_until_created(self, port: int) -> None:
        """Wait until CREATED_IN_PHASE more people were created on this port."""
        end, before = f"-{port}@example.com", len(self.created)
        wait_until(
            lambda: sum(email.endswith(end) for email in self.created[before:]) >= CREATED_IN_PHASE,
            what="traffic creates people",
            seen=lambda: self.statuses,
        )

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the released version."""
    archive = subprocess.run(["git", "archive", RELEASED["commit"]], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"this clone does not have the released commit {RELEASED['commit'][:7]}")
    folder = tmp_path_factory.mktemp("released")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


def test_an_upgrade_under_traffic_and_back_answers_every_request(released: Path, tmp_path: Path) -> None:
    with postgresql_database(f"rollcall_test_{os.getpid()}_upgrade") as url:
        env = environment(tmp_path, 0, DATABASE_URL=url, API_LIMIT="off", BASE_URL="http://127.0.0.1")
        flask(released, env, "db", "upgrade")
        with old_server(released, env, tmp_path) as old, Traffic(new_token(released, env)) as traffic:
            traffic.ports = [old]
            migrate_in_fork(url, tmp_path)
            with new_server(env, tmp_path) as new:
                for ports in ([old, new], [old]):
                    traffic.ports = ports
                    traffic.wait_until_created(ports[-1])
        check(traffic, url)


def check(traffic: Traffic, url: str) -> None:
    assert {status for status in traffic.statuses if status >= 500} == set(), traffic.statuses
    assert traffic.statuses[201] >= 2 * CREATED_IN_PHASE, traffic.statuses
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT email FROM users")
        emails = {email for (email,) in cursor}
    assert emails == {*traffic.created, "olga@example.com"}
    with create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url})).app_context():
        assert not verify().findings
        db.engine.dispose()


@contextmanager
def old_server(released: Path, env: dict[str, str], folder: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    env = env | OWNER | {"BIND": f"127.0.0.1:{port}", "PYTHONPATH": str(released)}
    with ready(Program(command, output=folder / "old.txt", cwd=released, env=env), port):
        yield port


@contextmanager
def new_server(env: dict[str, str], folder: Path) -> Iterator[int]:
    port = free_port()
    with ready(Fork(serve_pages, output=folder / "new.txt", env=env | {"BIND": f"127.0.0.1:{port}"}), port):
        yield port


@contextmanager
def ready(process: Process, port: int) -> Iterator[None]:
    with listening(process, port):
        # The owner is created after the port listens.
        wait_until(lambda: "Rollcall is ready" in process.output_text, what="ready", seen=lambda: process.output_text)
        yield


def new_token(folder: Path, env: dict[str, str]) -> str:
    arguments = ["tokens", "create", "--email", "olga@example.com", "--name", "test"]
    return flask(folder, env, *arguments).split()[-1]


def flask(folder: Path, env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    environ = env | {"PYTHONPATH": str(folder)}
    result = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return re.sub(r"\n+$", "", result.stdout)
