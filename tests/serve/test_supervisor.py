"""The supervisor restarts and stops processes. The delays are short here."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path
from threading import Event

from tests.processes import Fork, wait_until
from webapp import supervisor


class PrintingSupervisor(supervisor.Supervisor):
    """Prints the delay before each restart."""

    def _schedule_restart(self, name: str) -> None:
        super()._schedule_restart(name)
        print(self._delays[name], flush=True)  # noqa: T201


def run(*, web: float, stable: float, delay_max: float) -> None:
    """Run a worker that ends after 0.1 seconds each time, and a web server that ends after `web` seconds."""
    supervisor.RESTART_SECONDS, supervisor.RESTART_SECONDS_MAX, supervisor.POLL_SECONDS = 0.05, delay_max, 0.01
    supervisor.STABLE_SECONDS = stable
    functions = {"web": lambda: time.sleep(web), "worker": lambda: time.sleep(0.1)}
    sys.exit(PrintingSupervisor(functions, essential="web").run())


def start(folder: Path, *, web: float = 3600, stable: float = 3600, delay_max: float = 30) -> Fork:
    function = partial(run, web=web, stable=stable, delay_max=delay_max)
    return Fork(function, output=folder / "output.txt", env=os.environ)


def restart_delays(folder: Path, count: int, **options: float) -> list[float]:
    """Return the first `count` delays."""
    process = start(folder, **options)
    wait_until(
        lambda: process.output_text.count("\n") >= count, what=f"{count} restarts", seen=lambda: process.output_text
    )
    process.kill()
    return [float(line) for line in process.output_text.split()][:count]


def test_the_delay_doubles_at_each_restart_up_to_a_maximum(tmp_path: Path) -> None:
    assert restart_delays(tmp_path, 4, delay_max=0.2) == [0.05, 0.1, 0.2, 0.2]


def test_the_delay_is_short_again_after_a_stable_run(tmp_path: Path) -> None:
    assert restart_delays(tmp_path, 3, stable=0.05) == [0.05, 0.05, 0.05]


def test_all_processes_end_with_the_essential_one(tmp_path: Path) -> None:
    assert start(tmp_path, web=0.5).wait() == 0


def run_worker_that_prints_signals() -> None:
    def work() -> None:
        stopping = Event()

        def stop(*_signal: object) -> None:
            print("stopping", flush=True)  # noqa: T201
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        print("started", flush=True)  # noqa: T201
        while not stopping.wait(0.05):
            pass
        # The web server ends meanwhile.
        time.sleep(0.5)

    # The web server runs already when the worker prints that it started.
    functions = {"web": signal.pause, "worker": work}
    sys.exit(supervisor.Supervisor(functions, essential="web").run())


def test_a_process_is_told_to_stop_once(tmp_path: Path) -> None:
    process = Fork(run_worker_that_prints_signals, output=tmp_path / "output.txt", env=os.environ)
    wait_until(lambda: "started" in process.output_text, what="the worker started")
    process.signal(signal.SIGTERM)
    assert process.wait() == signal.SIGTERM
    assert process.output_text.split() == ["started", "stopping"]


def run_and_signal_the_new_process() -> None:
    supervisor.end_with_parent = lambda _parent: signal.raise_signal(signal.SIGTERM)
    sys.exit(supervisor.Supervisor({"web": signal.pause}, essential="web").run())


def test_a_signal_that_comes_before_a_process_is_ready_stops_it(tmp_path: Path) -> None:
    process = Fork(run_and_signal_the_new_process, output=tmp_path / "output.txt", env=os.environ)
    assert process.wait() == signal.SIGTERM


def test_it_stops_while_a_restart_is_due(tmp_path: Path) -> None:
    process = start(tmp_path, delay_max=3600)
    wait_until(lambda: process.output_text.count("\n") >= 3, what="three restarts")
    process.signal(signal.SIGTERM)
    assert process.wait() == signal.SIGTERM
