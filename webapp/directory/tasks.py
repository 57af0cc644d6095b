"""The job that counts the words of names, from which the search makes suggestions."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from webapp.core.clock import now
from webapp.core.texts import _
from webapp.directory.name_words import count_words, delete_unused_words
from webapp.jobs.kinds import JobRun, job_kind

CHUNK = 5000


@job_kind(
    "directory.words",
    label=_("Update suggestions of the search"),
    interval=timedelta(hours=6),
    every=_("Every 6 hours"),
)
def count(job: JobRun) -> None:
    """Count the words of all names, in chunks."""
    run, after = job.checkpoint or (int(now().timestamp() * 1000), None)
    last, number = count_words(run, after=UUID(after) if after else None, limit=CHUNK)
    if last is None:
        delete_unused_words(run)
        job.finish()
    else:
        job.advance([run, str(last)], done=number)
