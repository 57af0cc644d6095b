"""The only entry point to changes of scheduled exports by people, and to starting a run."""

from __future__ import annotations

from typing import Any, Unpack
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.audit.models import Action
from webapp.audit.services import Changes, difference, record
from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat
from webapp.bulk.requester import requester_of, save_token
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, Stale, WrongState
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _, language
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.jobs.models import Job
from webapp.jobs.services import cancel_job, enqueue
from webapp.scheduled_exports.checks import ExportValues, check_columns, check_values, checked_target
from webapp.scheduled_exports.models import EXPORTS_MAX, KEEP_DEFAULT, ExportRun, ScheduledExport, Target
from webapp.scheduled_exports.queries import count_exports, export_not_found, open_run

RUN_JOB = "scheduled_exports.run"
ACTIVE, PAUSED = "active", "paused"
CHANGED_MEANWHILE = _("Someone else changed this while you were editing")
DEFAULTS: dict[str, Any] = {
    "format": FileFormat.CSV.value,
    "headings": Headings.LABELS.value,
    "target": Target.MAIL.value,
    "keep": KEEP_DEFAULT,
}
_COLUMNS = ("name", "columns", "format", "headings", "target", "keep", "time_of_day", "timezone", "weekday", "locale")


def create_export(*, by: Actor, **values: Unpack[ExportValues]) -> ScheduledExport:
    """Create a scheduled export of `by`. Raise Invalid, Forbidden, or WrongState if they have too many."""
    checked: ExportValues = {"address": "", **check_values(values)}
    with transaction():
        if by.id is None:
            raise Invalid(_("A scheduled export must have an owner"), field="owner", code="missing")
        advisory_lock("scheduled exports")
        _check_number(by.id)
        export = ScheduledExport(version=1, locale=language(), requested_by_id=by.id, **DEFAULTS)
        save_token(export, by)
        _set_values(export, checked, by=by)
        db.session.add(export)
        db.session.flush()
        _record(Action.SCHEDULED_EXPORT_CREATED, export, by=by, changes=difference({}, audited(export)))
    return export


def update_export(
    export_id: UUID, *, by: Actor, version: int | None = None, **values: Unpack[ExportValues]
) -> ScheduledExport:
    """Change what is given. Only the owner can, because the file has what they may see.

    Raise Invalid, Forbidden, or Stale if it was changed after `version`.
    """
    checked = check_values(values)
    with transaction():
        export = _locked(export_id, by=by, version=version)
        before = audited(export)
        _set_values(export, checked, by=by)
        save_token(export, by)
        if changes := difference(before, audited(export)):
            export.version += 1
            _record(Action.SCHEDULED_EXPORT_UPDATED, export, by=by, changes=changes)
    return export


@transaction()
def delete_export(export_id: UUID, *, by: Actor, version: int | None = None) -> None:
    """Create no more files. Until it is erased after 30 days, `restore_export` brings it back. Idempotent."""
    export = _locked(export_id, by=by, version=version, deleted=True)
    if export.deleted_at is None:
        export.deleted_at, export.next_run_at = now(), None
        export.version += 1
        run = open_run(export.id)
        if run and run.job_id and db.session.get(Job, run.job_id):
            cancel_job(run.job_id, by=by)
        _record(Action.SCHEDULED_EXPORT_DELETED, export, by=by, changes={"name": (export.name, None)})


@transaction()
def restore_export(export_id: UUID, *, by: Actor) -> ScheduledExport:
    """Bring a deleted scheduled export back, paused. Idempotent. Raise WrongState if its owner has too many."""
    advisory_lock("scheduled exports")
    export = _locked(export_id, by=by, deleted=True)
    if export.deleted_at:
        if export.requested_by_id:
            _check_number(export.requested_by_id)
        export.deleted_at, export.paused_at = None, export.paused_at or now()
        export.version += 1
        _record(Action.SCHEDULED_EXPORT_RESTORED, export, by=by, changes={"name": (None, export.name)})
    return export


@transaction()
def pause_export(export_id: UUID, *, by: Actor) -> ScheduledExport:
    """Create no files until it is resumed. Idempotent."""
    export = _locked(export_id, by=by)
    if export.paused_at is None:
        export.paused_at, export.next_run_at = now(), None
        export.version += 1
        _record(Action.SCHEDULED_EXPORT_PAUSED, export, by=by, changes={"export_state": (ACTIVE, PAUSED)})
    return export


@transaction()
def resume_export(export_id: UUID, *, by: Actor) -> ScheduledExport:
    """Create the next file at its time. Times that were missed are skipped. Idempotent."""
    export = _locked(export_id, by=by)
    if export.paused_at:
        export.paused_at, export.pause_reason, export.next_run_at = None, "", export.run_after(now())
        export.version += 1
        _record(Action.SCHEDULED_EXPORT_RESUMED, export, by=by, changes={"export_state": (PAUSED, ACTIVE)})
    return export


@transaction()
def run_export(export_id: UUID, *, by: Actor) -> ExportRun:
    """Start a run now, also of a paused one. Raise WrongState if one is running."""
    return start_run(_locked(export_id, by=by), by=by)


def start_run(export: ScheduledExport, *, by: Actor) -> ExportRun:
    """Start a run of a locked export in the caller's transaction. Raise WrongState if one is running.

    The job belongs to the owner, because only its requester can download its file.
    """
    if open_run(export.id):
        raise WrongState(_("This export is running"))
    run = ExportRun(export_id=export.id)
    db.session.add(run)
    db.session.flush()
    run.job_id = enqueue(RUN_JOB, by=requester_of(export) or by, run_id=run.id.hex).id
    return run


def audited(export: ScheduledExport) -> dict[str, object]:
    """Return what audit records say of a scheduled export."""
    return {
        "name": export.name,
        "export_people": export.list_address,
        "export_columns": export.columns,
        "format": export.format,
        "export_headings": export.headings,
        "locale": export.locale,
        "export_target": export.target,
        "export_keep": str(export.keep),
        "time_of_day": export.time_of_day,
        "timezone": export.timezone,
        "weekday": None if export.weekday is None else str(export.weekday),
    }


def check_may_export(by: Actor, target: str) -> None:
    """Raise Forbidden. Everyone who can read the folder gets its files, so it needs the permission everywhere."""
    powers = powers_of_actor(by)
    is_allowed = powers.can(Permission.USERS_EXPORT)
    if target == Target.FOLDER:
        is_allowed = Permission.USERS_EXPORT in powers.everywhere
    if not is_allowed:
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))


def _set_values(export: ScheduledExport, values: ExportValues, *, by: Actor) -> None:
    for name, value in values.items():
        if name in _COLUMNS:
            setattr(export, name, value)
    export.list_address = values.get("address", export.list_address)
    check_columns(export.columns, export.format)
    checked_target(export.target)
    check_may_export(by, export.target)
    if not export.paused_at:
        export.next_run_at = export.run_after(now())


def _check_number(owner_id: UUID) -> None:
    if count_exports(owner_id) >= EXPORTS_MAX:
        raise WrongState(_("You can have at most %(max)s scheduled exports", max=EXPORTS_MAX))


def _locked(export_id: UUID, *, by: Actor, version: int | None = None, deleted: bool = False) -> ScheduledExport:
    """Lock the export of `by`. The command line can change all. Raise NotFound, Forbidden or Stale."""
    powers = powers_of_actor(by)
    export = db.session.get(ScheduledExport, export_id, with_for_update=True, populate_existing=True)
    is_own = export is not None and (by.id is None or export.requested_by_id == by.id)
    if export is None or not is_own or (export.deleted_at and not deleted):
        raise export_not_found()
    if not powers.can(Permission.USERS_EXPORT):
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))
    if version is not None and version != export.version:
        raise Stale(CHANGED_MEANWHILE)
    return export


def _record(action: Action, export: ScheduledExport, *, by: Actor, changes: Changes | None = None) -> None:
    record(action, subject=export, by=by, kind="scheduled_export", changes=changes or {})
