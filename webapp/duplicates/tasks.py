"""The job that finds people with several accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from webapp.core.clock import now
from webapp.core.texts import _
from webapp.duplicates.finding import KINDS, delete_keys, find_pairs, finish_run, write_keys
from webapp.jobs.kinds import JobRun, job_kind

FIND_JOB = "duplicates.find"
# On SQLite, other writers wait for a chunk.
CHUNK = 2000
# People whose keys one chunk compares.
COMPARED = 5000
# A run ends early if it finds more. It finds the strongest kinds first.
PAIRS_MAX = 200_000


@job_kind(FIND_JOB, label=_("Find duplicates"), interval=timedelta(days=1), every=_("Every day"))
def find(job: JobRun) -> None:
    """Write the keys of all people, then compare the people of one range of keys after another.

    The checkpoint is [run, last ID, people] while keys are written, then [run, step, people, pairs].
    """
    state: list[Any] = job.checkpoint or [int(now().timestamp() * 1000), None, 0]
    if len(state) == 4:
        _compare(job, *state)
        return
    run, after, people = state
    if after is None:
        delete_keys()
    last, number = write_keys(after=UUID(after) if after else None, limit=CHUNK)
    people += number
    job.advance([run, str(last), people] if last else [run, 0, people, 0], done=number)


def _compare(job: JobRun, run: int, step: int, people: int, pairs: int) -> None:
    parts = people // COMPARED + 1
    is_full = pairs >= PAIRS_MAX
    if step == len(KINDS) * parts or is_full:
        if is_full:
            job.add_message(str(_("There are too many pairs. The weakest were left out.")))
        job.finish(pairs=finish_run(run))
        return
    pairs += find_pairs(run, KINDS[step // parts], part=step % parts, parts=parts)
    job.advance([run, step + 1, people, pairs])
