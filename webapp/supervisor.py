"""Keeps the processes of `make run` together: all start, all stop, and a worker that dies is started again."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping

# A part that ends is started again after so long; one that keeps ending, twice as long each time.
RESTART_SECONDS = 1.0
RESTART_SECONDS_MAX = 30.0
# One that lived for so long has not kept ending.
LIVED_SECONDS = 60
LOOK_SECONDS = 0.1
STOP_SECONDS = 25
PR_SET_PDEATHSIG = 1


class Supervisor:
    """Forks a process for each part; they share the memory of what is loaded already.

    When the `essential` part ends, all is over, with its exit code; any other part is started again, later and later if
    it keeps ending. Ctrl-C and SIGTERM stop the parts in good order. On Linux no part outlives this process, however it
    dies.
    """

    def __init__(self, parts: Mapping[str, Callable[[], None]], *, essential: str) -> None:
        self.parts = parts
        self.essential = essential
        self.running: dict[int, str] = {}
        self.stopping = False
        self._started: dict[str, float] = {}
        self._waits: dict[str, float] = {}
        self._due: dict[str, float] = {}

    def run(self) -> int:
        """The exit code of the essential part."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        for name in self.parts:
            self._start(name)
        code = 0
        while self.running:
            # Unless a part waits to be started again, there is nothing to do until one ends.
            pid, status = os.waitpid(-1, os.WNOHANG if self._due else 0)
            name = self.running.pop(pid, "")
            if name == self.essential:
                code = os.waitstatus_to_exitcode(status)
                self._stop()
            elif name:
                self._start_later(name)
            elif not pid:
                time.sleep(LOOK_SECONDS)
            self._start_due()
        return abs(code)

    def _start_later(self, name: str) -> None:
        lived = time.monotonic() - self._started[name] >= LIVED_SECONDS
        wait = RESTART_SECONDS if lived or name not in self._waits else min(self._waits[name] * 2, RESTART_SECONDS_MAX)
        self._waits[name] = wait
        self._due[name] = time.monotonic() + wait

    def _start_due(self) -> None:
        if self.stopping:
            self._due.clear()
        for name in [name for name, due in self._due.items() if due <= time.monotonic()]:
            del self._due[name]
            self._start(name)

    def _start(self, name: str) -> None:
        parent = os.getpid()
        self._started[name] = time.monotonic()
        pid = os.fork()
        if pid:
            self.running[pid] = name
            return
        end_with_parent(parent)
        # Ctrl-C reaches all processes of the terminal; here the supervisor tells its parts.
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        code = 1
        try:
            self.parts[name]()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
            if isinstance(error.code, str):
                print(error.code, file=sys.stderr)
        except BaseException:  # noqa: BLE001  whatever it is, this process ends here and says why
            traceback.print_exc()
            code = 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _stop(self, *_signal: object) -> None:
        """Tells every part, and kills what has not ended in STOP_SECONDS."""
        if not self.stopping:
            self.stopping = True
            signal.signal(signal.SIGALRM, lambda *_alarm: self._tell(signal.SIGKILL))
            signal.alarm(STOP_SECONDS)
        self._tell(signal.SIGTERM)

    def _tell(self, number: int) -> None:
        for pid in list(self.running):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def end_with_parent(parent: int) -> None:
    """Send SIGTERM to this process when `parent` ends. Only Linux can do this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
