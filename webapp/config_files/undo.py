"""Undo of a whole applied file, newest change first. All or nothing."""

from __future__ import annotations

from webapp.access.checks import check_everywhere
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.queries import records_of_batch
from webapp.audit.services import Value
from webapp.audit.undo import BATCH_MAX, Undo, undo_batch
from webapp.config_files.services import record_file
from webapp.core.permissions import Actor, Permission

SCHEDULE_ACTIONS = {Action.SCHEDULE_PAUSED, Action.SCHEDULE_RESUMED}


def undo_file(record: AuditRecord, by: Actor) -> None:
    # Other services check permissions themselves. That of schedules is below `access`.
    if any(each.action in SCHEDULE_ACTIONS for each in records_of_batch(record.subject_id, BATCH_MAX)):
        check_everywhere(by, Permission.JOBS_MANAGE)
    undo_batch(record.subject_id, by=by, besides=record.id)
    counts = {name.removeprefix("config_"): int(str(after)) for name, (_before, after) in record.changes.items()}
    record_file(Action.CONFIG_UNDONE, record.subject_id, record.subject_label, counts, by=by)


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """The records of the batch are compared one by one when they are undone."""
    check_everywhere(by, Permission.SETTINGS_MANAGE)
    return {name: after for name, (_before, after) in record.changes.items()}


UNDOS = {Action.CONFIG_APPLIED: Undo(Permission.SETTINGS_MANAGE, apply=undo_file, current=_current)}
