"""The job that counts the people of all groups."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.texts import _
from webapp.db.transactions import remove_time_limit
from webapp.groups.counting import count_next, store, tally_from_json
from webapp.jobs.kinds import JobRun, job_kind


@job_kind(
    "groups.count", label=_("Count people in groups"), interval=timedelta(minutes=10), every=_("Every 10 minutes")
)
def count_groups(run: JobRun) -> None:
    """Count the people of one chunk."""
    remove_time_limit()
    tally = count_next(tally_from_json(run.checkpoint))
    if tally.after is None:
        store(tally)
        run.finish()
    else:
        run.advance(tally.as_json)
