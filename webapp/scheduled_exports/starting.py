"""Starts exports that are due, and ends runs whose job died. The scheduler calls this every few seconds."""

from __future__ import annotations

from webapp.recurring.starting import start_due_rows
from webapp.scheduled_exports.ending import end_run
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import RunOutcome


def start_due_exports() -> None:
    start_due_rows(EXPORTS, lambda run, export, reason: end_run(run, export, RunOutcome.FAILED, reason))
