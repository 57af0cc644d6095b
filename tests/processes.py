"""Processes for tests, each in its own session: commands, and functions of Rollcall that run in forks.

Importing Rollcall takes over a second. The fork server imports it once, and each `Fork` starts from there.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG = 1

FORK_SERVER = multiprocessing.get_context("forkserver")
FORK_SERVER.set_forkserver_preload(
    [
        "webapp.packages",
        "webapp.serve",
        "celery.bin.worker",
        "celery.worker.consumer",
        "gunicorn.arbiter",
        "gunicorn.workers.gthread",
        "kombu.transport.pyamqp",
        "kombu.transport.redis",
        "kombu.transport.sqlalchemy",
        "psycopg2",
        # Functions of tests import it.
        "pytest",
    ]
)


class Process(ABC):
    """A process whose output tests can read, and which they can wait for or kill."""

    pid: int
    output: Path

    @property
    @abstractmethod
    def exit_code(self) -> int | None:
        """Return None while it runs, or the exit code, which is negative if a signal ended it."""

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    @property
    def output_text(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def wait(self, seconds: float = 120) -> int:
        """Wait for the end of the process. Return its exit code."""
        wait_until(lambda: not self.is_running, seconds=seconds, what="the process ends", seen=lambda: self.output_text)
        assert self.exit_code is not None
        return self.exit_code

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def family(self) -> list[int]:
        """Return the IDs of the running processes of its session."""
        return session_members(self.pid)

    def kill(self) -> None:
        """Send SIGKILL to all processes of its session."""
        for _round in range(250):
            for pid in {self.pid, *self.family()} if self.is_running else self.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not self.is_running and not self.family():
                return
            time.sleep(0.02)


class Program(Process):
    """A process that runs a command."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        output: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self.output = output
        # On Linux, the kernel kills the program when the tests end, even if they are killed.
        guard = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        if user and guard:
            guard[1:1] = [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        with output.open("ab") as file:
            self._popen = subprocess.Popen(
                [*guard, *command],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll()


class Fork(Process):
    """A process that calls a function with the environment `env`. The arguments are pickled."""

    def __init__(
        self,
        function: Callable[..., object],
        *arguments: Any,
        output: Path,
        errors: Path | None = None,
        env: Mapping[str, str],
    ) -> None:
        self.output = output
        streams = (str(output), str(errors or output))
        self._process = FORK_SERVER.Process(target=_call, args=(function, arguments, streams, dict(env)), daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode


def _call(
    function: Callable[..., object], arguments: tuple[Any, ...], streams: tuple[str, str], env: dict[str, str]
) -> None:
    """Reset the state that this fork inherited, so that it is like a new process, and call the function."""
    os.setsid()
    if sys.platform == "linux":
        # The kernel kills this process when the fork server ends, which ends with the tests.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for stream, path in zip((sys.stdout, sys.stderr), streams, strict=True):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(file, stream.fileno())
        os.close(file)
        stream.reconfigure(line_buffering=True)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None
    os.chdir(ROOT)
    function(*arguments)


def wait_until(
    condition: Callable[[], object], *, what: str, seconds: float = 120, seen: Callable[[], object] = lambda: ""
) -> None:
    """Wait until `condition` is true. After `seconds`, fail with `what` and the result of `seen`.

    The limit only stops a test that would wait forever. No test measures a time by it.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not in {seconds} s: {what}\n{seen()}"
        time.sleep(0.02)


def session_members(leader: int) -> list[int]:
    """Return the IDs of the running processes of a session, in all process groups."""
    return [pid for pid, session, state in _processes() if session == leader and state != "Z"]


def _processes() -> Iterator[tuple[int, int, str]]:
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            # The fields after the name, which is in brackets: state, parent, group, session.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            yield int(entry.name), int(fields[3]), fields[0]
