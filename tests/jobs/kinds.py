"""Kinds of jobs for tests; a worker of `python -m tests.jobs.worker` knows them too."""

from __future__ import annotations

import time

from webapp.jobs import leases
from webapp.jobs.kinds import Run, kind


@kind("test.count", label="Count")
def count(run: Run) -> None:
    """Writes one message a step, so that doubled or lost steps can be counted; `steps`, `chunk`, `pause` in seconds."""
    steps, chunk = run.arguments["steps"], run.arguments.get("chunk", 1)
    start = run.place or 0
    if start >= steps:
        run.finish(counted=start)
        return
    end = min(start + chunk, steps)
    for step in range(start, end):
        run.say(f"step {step}")
    time.sleep(run.arguments.get("pause", 0))
    run.advance(end, done=end - start, total=steps)


@kind("test.poison", label="Poison", attempts=3)
def poison(run: Run) -> None:
    run.say("about to fail")
    raise RuntimeError("poison")


@kind("test.nothing", label="Nothing")
def nothing(run: Run) -> None:
    run.finish()


@kind("test.say", label="Say")
def say(run: Run) -> None:
    run.say(run.arguments["text"])
    run.finish()


@kind("test.end", label="End")
def end(run: Run) -> None:
    """The worker is told to end while it works on it."""
    leases.stopping.set()
    run.finish()
