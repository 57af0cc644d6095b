"""The job that tells people that their tokens expire soon."""

from __future__ import annotations

from datetime import timedelta

from webapp.api_tokens.queries import expiring_tokens
from webapp.api_tokens.services import notify_of_expiry
from webapp.core.texts import _
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.schedules import SCHEDULER

CHUNK = 50


@job_kind(
    "api_tokens.notify",
    label=_("Tell people that their API tokens expire soon"),
    interval=timedelta(days=1),
    every=_("Every day"),
)
def notify(run: JobRun) -> None:
    """Send the notices that are due, one chunk after another. Each is sent once."""
    tokens = expiring_tokens(CHUNK)
    for token in tokens:
        notify_of_expiry(token.id, by=SCHEDULER)
    notified = (run.checkpoint or 0) + len(tokens)
    if len(tokens) < CHUNK:
        run.finish(rows=notified)
    else:
        run.advance(notified, done=len(tokens))
