"""Keeping processes together, with all waiting cut short."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time

from tests.running import ROOT

SCRIPT = """
import time
from webapp import supervisor

supervisor.RESTART_SECONDS, supervisor.RESTART_SECONDS_MAX, supervisor.LOOK_SECONDS = 0.2, {most}, 0.01

def worker():
    print(time.monotonic(), flush=True)
    time.sleep({lives})

supervisor.LIVED_SECONDS = 0.3
code = supervisor.Supervisor({{"web": lambda: time.sleep({web}), "worker": worker}}, essential="web").run()
raise SystemExit(code)
"""


def supervised(*, web: float, lives: float = 0, most: float = 30) -> subprocess.Popen[str]:
    script = SCRIPT.format(web=web, lives=lives, most=most)
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def pauses(process: subprocess.Popen[str]) -> list[float]:
    """Between the starts of its worker."""
    out, _err = process.communicate(timeout=30)
    starts = [float(line) for line in out.split()]
    return [after - before for before, after in itertools.pairwise(starts)]


def test_a_part_that_keeps_ending_is_started_later_and_later() -> None:
    first, second, third, *_rest = pauses(supervised(web=3))
    assert 0.2 <= first < 0.4 <= second < 0.8 <= third


def test_it_waits_no_longer_than_the_most() -> None:
    found = pauses(supervised(web=3, most=0.4))
    assert len(found) >= 4
    assert max(found) < 0.8


def test_one_that_lived_for_long_is_started_soon() -> None:
    found = pauses(supervised(web=3, lives=0.4))
    assert len(found) >= 3
    assert all(pause < 0.9 for pause in found)


def test_it_stops_at_once_while_a_part_waits_to_be_started() -> None:
    process = supervised(web=60)
    assert process.stdout
    for _start in range(3):
        process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=3)
    assert process.returncode == signal.SIGTERM
