"""Start Rollcall as `make run` does: `python -m webapp.serve`, which starts gunicorn and a worker."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.databases import copy_migrated_sqlite
from tests.processes import ROOT, Fork, Process, Program, wait_until
from webapp.serve import main

PORTS = range(12_000, 32_000)
READY = re.compile(r"Rollcall is ready")
SECRET_KEY = "rQ7-u0xTz4kV9bWm2LpY8cHs6NdG3eJa5fXq1RtB"
COMMAND = [sys.executable, "-m", "webapp.serve"]


@dataclass
class Server:
    address: str
    process: Process

    @property
    def folder(self) -> Path:
        return self.process.output.parent

    @property
    def output_text(self) -> str:
        """Return the output so far."""
        return self.process.output_text

    @property
    def setup_link(self) -> str:
        """Return the one-time link from the output."""
        found = re.search(r"http\S+/setup\?token=\S+", self.output_text)
        assert found, self.output_text
        return found[0]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop all processes of the server, as Ctrl-C does. Return the exit code."""
        # A gunicorn worker that gets the signal while it starts ignores it, and is killed after graceful_timeout.
        time.sleep(0.5)
        os.killpg(self.process.pid, number)
        return self.process.wait()


def free_port() -> int:
    """Return a port on which nothing listens. Outgoing connections do not take it: they use 32768 and above."""
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of this process with settings for a server whose database is in `folder`."""
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/rollcall.db",
        "CELERY_BROKER_URL": f"sqla+sqlite:///{folder}/broker.db",
        "SECRET_KEY": SECRET_KEY,
        "BIND": f"127.0.0.1:{port}",
        # A test that needs two gunicorn workers passes WEB_CONCURRENCY.
        "WEB_CONCURRENCY": "1",
        # Otherwise each page of the owner asks for a second factor.
        "MFA_REQUIRED": "off",
        # Cheap hashes make the tests faster.
        "PASSWORD_HASH_METHOD": "scrypt:128:8:1",
        "PYTHONPATH": str(ROOT),
        # A killed server leaves its temporary files in `folder`.
        "TMPDIR": str(folder),
    } | settings  # fmt: skip


@contextlib.contextmanager
def running_server(
    folder: Path, *, by_command: bool = False, migrated: bool = True, host: str = "127.0.0.1", **settings: str
) -> Iterator[Server]:
    """Run a server during the block, and kill it at the end.

    It is forked, or with `by_command` started as a command. Unless `migrated`, it creates its database itself.
    `host` is how browsers call it: passkeys need "localhost".
    """
    port, database, output = free_port(), folder / "rollcall.db", folder / "output.txt"
    if migrated and not database.exists():
        copy_migrated_sqlite(database)
    output.unlink(missing_ok=True)
    address = f"http://{host}:{port}"
    env = environment(folder, port, **{"BASE_URL": address} | settings)
    process = Program(COMMAND, output=output, env=env) if by_command else Fork(main, output=output, env=env)
    server = Server(address, process)
    try:
        wait_until(
            lambda: READY.search(server.output_text) or not process.is_running,
            what="the server is ready",
            seen=lambda: server.output_text,
        )
        assert process.is_running, server.output_text
        urllib.request.urlopen(server.address + "/healthz").close()
        yield server
    finally:
        process.kill()
