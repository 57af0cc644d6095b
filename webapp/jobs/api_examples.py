"""What the pages of jobs and schedules can also do by API and command line."""

from __future__ import annotations

from typing import Any

from flask import request

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.api_panel import ApiExample, ApiExamples


def _listed(_arguments: dict[str, Any]) -> list[ApiExample]:
    state = request.args.get("state", "")
    query, options = ([("state", state)], [f"--state={state}"]) if state else ([], [])
    return [ApiExample(_("List jobs"), "/jobs", None, query=query, arguments=["jobs", "list", *options])]


def _shown(arguments: dict[str, Any]) -> list[ApiExample]:
    job_id = str(arguments["job_id"])
    cancel = ["jobs", "cancel", job_id]
    return [
        ApiExample(_("Read this job"), f"/jobs/{job_id}", None, arguments=["jobs", "show", job_id]),
        ApiExample(_("Cancel job"), f"/jobs/{job_id}/cancellation", Permission.JOBS_MANAGE, "POST", arguments=cancel),
    ]


def _schedules(_arguments: dict[str, Any]) -> list[ApiExample]:
    pause = ["schedules", "pause", "jobs.purge"]
    return [
        ApiExample(_("List schedules"), "/schedules", Permission.JOBS_MANAGE, arguments=["schedules", "list"]),
        ApiExample(
            _("Pause a schedule"), "/schedules/jobs.purge/pause", Permission.JOBS_MANAGE, "POST", arguments=pause
        ),
    ]


def init_api_examples(examples: ApiExamples) -> None:
    examples.update({"jobs.index": _listed, "jobs.show": _shown, "jobs.schedules": _schedules})
