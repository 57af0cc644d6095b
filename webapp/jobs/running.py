"""Runs a job inside a command, with a progress bar on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Self
from uuid import UUID

import click

from webapp.core.commands import Unfinished, delayed_interrupt
from webapp.jobs.leases import thread_holder
from webapp.jobs.models import Job, State
from webapp.jobs.queries import get_job
from webapp.jobs.services import run_job


def run_here(job_id: UUID) -> Job:
    """Run a job, and return it. If a worker was faster, return it as it is.

    Raise Unfinished after Ctrl-C: a worker continues the job.
    """
    with delayed_interrupt() as check_interrupt, _ProgressBar(job_id) as bar:

        def is_stopping() -> bool:
            """The job calls this after each chunk."""
            bar.update()
            return _is_raised(check_interrupt)

        run_job(job_id, holder=thread_holder(), is_stopping=is_stopping)
        job = get_job(job_id)
        if job.state == State.WAITING and _is_raised(check_interrupt):
            text = f"{job.done:,} of {job.total or '?'} done. A worker continues the job {job.id}."
            raise Unfinished(text, {"done": job.done}) from KeyboardInterrupt()
    return job


def in_terminal() -> bool:
    return sys.stderr.isatty()


class _ProgressBar:
    """The progress of a job in a terminal. Elsewhere it writes nothing and reads nothing."""

    def __init__(self, job_id: UUID) -> None:
        self.job_id = job_id
        self.is_shown = in_terminal()
        self.is_open = False

    def __enter__(self) -> Self:
        return self

    def update(self) -> None:
        if self.is_shown:
            job = get_job(self.job_id)
            percent = f" · {100 * job.done // job.total} %" if job.total else ""
            click.echo(f"\r\x1b[K{job.done:,} of {job.total or '?'}{percent}", err=True, nl=False)
            self.is_open = True

    def __exit__(self, *_error: object) -> None:
        if self.is_open:
            click.echo(err=True)


def _is_raised(check_interrupt: Callable[[], None]) -> bool:
    try:
        check_interrupt()
    except KeyboardInterrupt:
        return True
    return False
