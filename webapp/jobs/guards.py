"""Which jobs the caller can see, and which they can cancel and retry."""

from __future__ import annotations

from uuid import UUID

from flask_login import current_user

from webapp.core.errors import Forbidden
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.jobs.models import Job
from webapp.jobs.queries import get_job
from webapp.web.guards import actor, can


def visible_requester_id() -> UUID | None:
    """Return the caller's ID, or None if they can see the jobs of everyone."""
    return None if can(Permission.JOBS_READ) else current_user.id


def get_visible_job(job_id: UUID) -> Job:
    """Raise NotFound if the caller cannot see it."""
    return get_job(job_id, requested_by_id=visible_requester_id())


def can_change(job: Job) -> bool:
    """Whether the caller can cancel and retry the job: their own, or all with `jobs.manage`.

    An API token with some permissions of its owner needs `jobs.manage`, because a job can do more than the token.
    """
    by = actor()
    return (job.requested_by_id == by.id and by.scopes is None) or can(Permission.JOBS_MANAGE)


def get_changeable_job(job_id: UUID) -> Job:
    """Raise NotFound, or Forbidden if the caller can only see it."""
    job = get_visible_job(job_id)
    if not can_change(job):
        raise Forbidden(_("Your roles do not let you cancel or retry jobs of other people"))
    return job
