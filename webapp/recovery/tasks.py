"""The job that mails a reset."""

from __future__ import annotations

from contextlib import suppress

from webapp.core.sealing import NotReadable
from webapp.core.texts import _
from webapp.jobs.kinds import JobRun, job_kind
from webapp.recovery.services import send_requested_reset


@job_kind("recovery.reset", label=_("Send password reset"))
def reset(run: JobRun) -> None:
    # After a change of SECRET_KEY, people ask again.
    with suppress(NotReadable):
        send_requested_reset(run.arguments["request"])
    run.finish()
