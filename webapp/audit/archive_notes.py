"""What lists of records say about those that are archived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from webapp.audit.actions import Action
from webapp.audit.archives import archived_before
from webapp.audit.models import AuditRecord


def archived_before_list(records: Sequence[AuditRecord], *, more: bool, of_user: bool = False) -> datetime | None:
    """Return the time before which records are archived, if the list ends here. For templates.

    `records` are the newest first, `more`: the list goes on. `of_user`: all are of one user, so the list is complete if
    it goes back to the creation.
    """
    if more or (of_user and records and records[-1].action == Action.USER_CREATED):
        return None
    return archived_before()
