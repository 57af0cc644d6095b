"""Keeping processes together, with all waiting cut short."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

from tests.processes import Fork, wait_until
from webapp import supervisor


class Telling(supervisor.Supervisor):
    """Prints how long it waits each time to start a part again."""

    def _start_later(self, name: str) -> None:
        super()._start_later(name)
        print(self._waits[name], flush=True)  # noqa: T201


def run(*, web: float, lived: float, most: float) -> None:
    """The worker ends after a moment each time, and the web server after `web` seconds."""
    supervisor.RESTART_SECONDS, supervisor.RESTART_SECONDS_MAX, supervisor.LOOK_SECONDS = 0.2, most, 0.01
    supervisor.LIVED_SECONDS = lived
    parts = {"web": lambda: time.sleep(web), "worker": lambda: time.sleep(0.1)}
    sys.exit(Telling(parts, essential="web").run())


def supervised(folder: Path, *, web: float = 3600, lived: float = 3600, most: float = 30) -> Fork:
    return Fork(partial(run, web=web, lived=lived, most=most), output=folder / "output.txt", env=os.environ)


def waits(folder: Path, count: int, **options: float) -> list[float]:
    """Return how long it waited the first `count` times."""
    process = supervised(folder, **options)
    wait_until(
        lambda: process.output_text.count("\n") >= count, what=f"{count} starts", seen=lambda: process.output_text
    )
    process.kill()
    return [float(line) for line in process.output_text.split()][:count]


def test_a_part_that_keeps_ending_is_started_later_and_later(tmp_path: Path) -> None:
    assert waits(tmp_path, 3) == [0.2, 0.4, 0.8]


def test_it_waits_no_longer_than_the_most(tmp_path: Path) -> None:
    assert waits(tmp_path, 4, most=0.4) == [0.2, 0.4, 0.4, 0.4]


def test_one_that_lived_for_long_is_started_soon(tmp_path: Path) -> None:
    assert waits(tmp_path, 3, lived=0.05) == [0.2, 0.2, 0.2]


def test_all_ends_with_the_essential_part(tmp_path: Path) -> None:
    assert supervised(tmp_path, web=0.5).wait() == 0


def test_it_stops_while_a_part_waits_to_be_started(tmp_path: Path) -> None:
    process = supervised(tmp_path, most=3600)
    # The next wait of its worker is a hundred times that of any test.
    wait_until(lambda: process.output_text.count("\n") >= 3, what="three starts")
    process.signal(signal.SIGTERM)
    assert process.wait() == signal.SIGTERM
