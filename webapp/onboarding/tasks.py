"""The job that answers people who ask for another invitation."""

from __future__ import annotations

from contextlib import suppress

from webapp.core.sealing import NotReadable
from webapp.core.texts import _
from webapp.jobs.kinds import JobRun, job_kind
from webapp.onboarding.services import answer_request


@job_kind("onboarding.invite_again", label=_("Send invitation again"))
def again(run: JobRun) -> None:
    # After a change of SECRET_KEY, people ask again.
    with suppress(NotReadable):
        answer_request(run.arguments["request"])
    run.finish()
