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
from collections.abc import Callable, Iterator
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

    def stop(self, number: int = signal.SIGINT) -> int:
        """Tells all of it to end in good order, as Ctrl-C does. The exit code."""
        # A gunicorn worker that is told to stop while it starts misses it, and is killed after graceful_timeout.
        time.sleep(0.5)
        os.killpg(self.process.pid, number)
        return self.process.wait(timeout=60)


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
        # So that nothing of a server that is killed is left elsewhere.
        "TMPDIR": str(folder),
    } | settings  # fmt: skip


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[Server]:
    """A server for the length of the block. It is killed at its end: how long it takes to stop is no test's business
    but of those that call `stop`."""
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
        until(
            lambda: READY.search(server.said) or process.poll() is not None, seconds=30, what=f"it is ready; {output}"
        )
        assert process.poll() is None, server.said
        urllib.request.urlopen(server.address + "/healthz").close()
        yield server
    finally:
        kill(process)


def until(true: Callable[[], object], *, seconds: float, what: str) -> None:
    """Waits until `true` is; an AssertionError that tells `what` was waited for after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not in {seconds} s: {what}"
        time.sleep(0.05)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, for it and all of its session."""
    for _round in range(20):
        for pid in of_session(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.poll()
        if not of_session(process.pid):
            break
        time.sleep(0.1)
    process.wait(timeout=5)


def of_session(leader: int) -> list[int]:
    """The processes of a session that still live, whatever group they are in."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            # After the name, which is in brackets: state, parent, group, session.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found
