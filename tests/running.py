"""A real Rollcall: `python -m webapp.serve`, which becomes gunicorn, as `make run` starts it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"Rollcall is ready")


@dataclass
class Server:
    address: str
    output: Path
    process: subprocess.Popen[bytes]

    @property
    def said(self) -> str:
        """All that the terminal showed so far."""
        return self.output.read_text()

    @property
    def setup_link(self) -> str:
        """The one-time link that the terminal shows."""
        found = re.search(r"http\S+/setup\?token=\S+", self.said)
        assert found, self.said
        return found[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """This process's, with a database of its own in `folder`."""
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/rollcall.db",
        "CELERY_BROKER_URL": f"sqla+sqlite:///{folder}/broker.db",
        "SECRET_KEY": "a secret key of forty characters at least",
        "BIND": f"127.0.0.1:{port}",
        "PYTHONPATH": str(ROOT),
    } | settings  # fmt: skip


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[Server]:
    """A server for the length of the block, stopped as Ctrl-C stops it."""
    port = free_port()
    output = folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.serve"],
            cwd=ROOT,
            env=environment(folder, port, **settings),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", output, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def _wait_until_ready(server: Server) -> None:
    for _tenth in range(300):
        if READY.search(server.said):
            # A gunicorn worker that is told to stop while it starts misses it, and is killed after graceful_timeout.
            urllib.request.urlopen(server.address + "/healthz").close()
            time.sleep(0.5)
            return
        assert server.process.poll() is None, server.said
        time.sleep(0.1)
    raise AssertionError(f"not ready in 30 s: {server.said}")
