"""Keeping processes together, with all waiting cut short."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from tests.running import ROOT

SCRIPT = """
import time
from webapp import supervisor

supervisor.RESTART_SECONDS, supervisor.RESTART_SECONDS_MAX, supervisor.LOOK_SECONDS = 0.2, {most}, 0.01

class Telling(supervisor.Supervisor):
    def _start_later(self, name):
        super()._start_later(name)
        print(self._waits[name], flush=True)

supervisor.LIVED_SECONDS = {lived}
parts = {{"web": lambda: time.sleep({web}), "worker": lambda: time.sleep(0.1)}}
raise SystemExit(Telling(parts, essential="web").run())
"""


def supervised(*, web: float, lived: float = 60, most: float = 30) -> subprocess.Popen[str]:
    """Its worker ends after a tenth of a second; it tells how long it waits each time to start it again."""
    script = SCRIPT.format(web=web, lived=lived, most=most)
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def waits(process: subprocess.Popen[str]) -> list[float]:
    out, _err = process.communicate(timeout=30)
    return [float(line) for line in out.split()]


def test_a_part_that_keeps_ending_is_started_later_and_later() -> None:
    assert waits(supervised(web=3))[:3] == [0.2, 0.4, 0.8]


def test_it_waits_no_longer_than_the_most() -> None:
    assert waits(supervised(web=3, most=0.4))[:4] == [0.2, 0.4, 0.4, 0.4]


def test_one_that_lived_for_long_is_started_soon() -> None:
    found = waits(supervised(web=3, lived=0.05))
    assert len(found) >= 3
    assert set(found) == {0.2}


def test_it_stops_at_once_while_a_part_waits_to_be_started() -> None:
    process = supervised(web=60)
    assert process.stdout
    for _start in range(3):
        process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=3)
    assert process.returncode == signal.SIGTERM
