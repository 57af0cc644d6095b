"""Kinds of jobs for tests."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from webapp import create_app
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.settings import Settings
from webapp.web.api import App

SLOW_SECONDS = 0.3


@job_kind("test.count", label="Count")
def count(run: JobRun) -> None:
    """Write one message a step, so that repeated or lost steps can be counted.

    `steps` in all, `chunk` at a time; a chunk lasts `pause` seconds, and longer while the file FAULTS_SLOW exists.
    """
    steps, chunk = run.arguments["steps"], run.arguments.get("chunk", 1)
    start = run.checkpoint or 0
    if start >= steps:
        run.finish(counted=start)
        return
    end = min(start + chunk, steps)
    for step in range(start, end):
        run.add_message(f"step {step}")
    time.sleep(SLOW_SECONDS if Path(os.environ.get("FAULTS_SLOW", "")).is_file() else run.arguments.get("pause", 0))
    run.advance(end, done=end - start, total=steps)


@job_kind("test.poison", label="Poison", attempts=3)
def poison(run: JobRun) -> None:
    run.add_message("about to fail")
    raise RuntimeError("poison")


@job_kind("test.nothing", label="Nothing")
def nothing(run: JobRun) -> None:
    run.finish()


@job_kind("test.interrupted", label="Interrupted")
def interrupted(run: JobRun) -> None:
    """Press Ctrl-C in the first of two chunks."""
    if run.checkpoint:
        run.finish()
        return
    os.kill(os.getpid(), signal.SIGINT)
    run.advance(1, done=1, total=2)


@job_kind("test.say", label="Say")
def say(run: JobRun) -> None:
    run.add_message(run.arguments["text"])
    run.finish()


def register(app: App) -> None:
    app.registry.get(JobKinds).register(count, poison, nothing, interrupted, say)


def create_app_with_kinds(settings: Settings | None = None) -> App:
    app = create_app(settings)
    register(app)
    return app
