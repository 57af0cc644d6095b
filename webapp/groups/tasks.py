"""The job that counts the people of all groups."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from webapp.core.texts import _
from webapp.db.transactions import remove_time_limit
from webapp.groups.sizes import store_sizes
from webapp.jobs.kinds import JobRun, job_kind


@job_kind(
    "groups.count", label=_("Count people in groups"), interval=timedelta(minutes=10), every=_("Every 10 minutes")
)
def count_groups(run: JobRun) -> None:
    """Count the groups of one chunk."""
    remove_time_limit()
    last = store_sizes(after=UUID(run.checkpoint) if run.checkpoint else None)
    if last is None:
        run.finish()
    else:
        run.advance(last.hex)
