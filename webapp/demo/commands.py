"""The command `flask demo`."""

from __future__ import annotations

import sys
import time

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.commands import Unfinished, command_actor, delayed_interrupt, echo
from webapp.core.context import current_settings

COUNT_MAX = 10_000_000


@click.command("demo")
@click.option("--count", default=10_000, type=click.IntRange(1, COUNT_MAX), show_default=True, help="Number of people.")
@with_appcontext
def demo_command(count: int) -> None:
    """Fill an empty Rollcall with people who do not exist, and an owner to sign in as."""
    from webapp.demo.services import fill  # noqa: PLC0415  multiprocessing and lists of names, which only this needs

    settings = current_settings()
    progress = _ProgressOutput(count)

    def step(name: str, done: int) -> None:
        check_interrupt()
        progress(name, done)

    try:
        # SQLite would report an interrupt in a statement as an error of the database.
        with delayed_interrupt() as check_interrupt:
            owner = fill(count, by=command_actor(), progress=step)
    except (SQLAlchemyError, KeyboardInterrupt) as error:
        if not progress.step and isinstance(error, SQLAlchemyError):
            raise
        # In a terminal, the line of a step that was not finished has no end yet.
        if sys.stderr.isatty():
            click.echo(err=True)
        raise Unfinished("No one was added.", {"people": 0}) from error
    progress.end()
    echo(f"\nStart Rollcall and sign in at {settings.base_url}/login\n")
    echo(f"  E-mail:   {owner.email}\n  Password: {owner.password}\n\nThe password is shown only now.")


class _ProgressOutput:
    """Writes each step to standard error. In a terminal, the line of the current step is updated in place."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.started_at = self.step_started_at = time.perf_counter()
        self.step = ""

    def __call__(self, step: str, done: int) -> None:
        if step != self.step:
            self._finish_step()
            self.step, self.step_started_at = step, time.perf_counter()
        if step == "people":
            rate = done / max(time.perf_counter() - self.started_at, 0.001)
            self._write(f"{done:,} of {self.count:,} people · {rate:,.0f} a second", last=done == self.count)
        else:
            self._write(step, last=False)

    def end(self) -> None:
        self._finish_step()
        click.echo(f"done in {time.perf_counter() - self.started_at:.1f} s", err=True)

    def _finish_step(self) -> None:
        if self.step not in ("", "people"):
            self._write(f"{self.step} · {time.perf_counter() - self.step_started_at:.1f} s", last=True)

    def _write(self, text: str, *, last: bool) -> None:
        """`last`: the line is complete. Without a terminal only complete lines are written."""
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", err=True, nl=last)
        elif last:
            click.echo(text, err=True)
