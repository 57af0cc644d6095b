"""Supervises the processes of `make run`: starts and stops them together, and restarts a worker that ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import NoReturn

# A process is restarted after this delay. The delay doubles each time (exponential backoff).
RESTART_SECONDS = 1.0
RESTART_SECONDS_MAX = 30.0
# After a run of this length, the delay starts from RESTART_SECONDS again.
STABLE_SECONDS = 60
POLL_SECONDS = 0.1
STOP_SECONDS = 25
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
PR_SET_PDEATHSIG = 1


class Supervisor:
    """Forks a process for each function; they share the memory of loaded modules.

    When the `essential` process ends, all others are stopped. Any other process is restarted with exponential backoff.
    Ctrl-C and SIGTERM stop all of them. On Linux they also end if this process is killed.
    """

    def __init__(self, functions: Mapping[str, Callable[[], None]], *, essential: str) -> None:
        self.functions = functions
        self.essential = essential
        self.running: dict[int, str] = {}
        self.stopping = False
        self._started: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self._restart_at: dict[str, float] = {}

    def run(self) -> int:
        """Return the exit code of the essential process."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        for name in self.functions:
            self._start(name)
        code = 0
        while self.running:
            # Block until a process ends, unless a restart is due in the meantime.
            pid, status = os.waitpid(-1, os.WNOHANG if self._restart_at else 0)
            name = self.running.pop(pid, "")
            if name == self.essential:
                code = os.waitstatus_to_exitcode(status)
                self._stop()
            elif name:
                self._schedule_restart(name)
            elif not pid:
                time.sleep(POLL_SECONDS)
            self._start_due()
        return abs(code)

    def _schedule_restart(self, name: str) -> None:
        was_stable = time.monotonic() - self._started[name] >= STABLE_SECONDS
        first = was_stable or name not in self._delays
        delay = RESTART_SECONDS if first else min(self._delays[name] * 2, RESTART_SECONDS_MAX)
        self._delays[name] = delay
        self._restart_at[name] = time.monotonic() + delay

    def _start_due(self) -> None:
        if self.stopping:
            self._restart_at.clear()
        for name in [name for name, due in self._restart_at.items() if due <= time.monotonic()]:
            del self._restart_at[name]
            self._start(name)

    def _start(self, name: str) -> None:
        parent = os.getpid()
        self._started[name] = time.monotonic()
        # A signal that comes now waits until the new process is in `running`, and has no handlers of the supervisor.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        pid = None if self.stopping else os.fork()
        if pid == 0:
            run_in_child(self.functions[name], parent)
        if pid:
            self.running[pid] = name
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def _stop(self, *_signal: object) -> None:
        """Send SIGTERM to all processes once, and SIGKILL after STOP_SECONDS."""
        if self.stopping:
            return
        self.stopping = True
        signal.signal(signal.SIGALRM, lambda *_alarm: self._send(signal.SIGKILL))
        signal.alarm(STOP_SECONDS)
        self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        for pid in list(self.running):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def run_in_child(function: Callable[[], None], parent: int) -> NoReturn:
    """Run the function in a process that `_start` has forked, and end the process."""
    end_with_parent(parent)
    # The terminal sends Ctrl-C to its process group. In a group of its own, only the supervisor stops this process.
    os.setpgid(0, 0)
    for number in (*STOP_SIGNALS, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    code = 1
    try:
        function()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001  a forked process must not return to the code of its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def end_with_parent(parent: int) -> None:
    """Send SIGTERM to this process when `parent` ends. Only Linux can do this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
