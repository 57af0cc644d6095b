"""Scheduled exports as a kind of recurring work."""

from __future__ import annotations

from webapp.core.permissions import Actor, ActorKind, Permission
from webapp.core.texts import _, pgettext
from webapp.recurring.kinds import Kind
from webapp.scheduled_exports.models import EXPORTS_MAX, ExportRun, RunOutcome, ScheduledExport


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


OUTCOME_LABELS: dict[str, str] = {
    RunOutcome.DONE: pgettext("export", "Done"),
    RunOutcome.FAILED: pgettext("export", "Failed"),
}
STATE_LABELS = {"active": pgettext("export", "Active"), "paused": pgettext("export", "Paused")}

EXPORTS = Kind(
    name="scheduled_export",
    plural="scheduled_exports",
    row=ScheduledExport,
    run=ExportRun,
    actor=Actor(ActorKind.SYSTEM, "Scheduled exports"),
    permission=Permission.USERS_EXPORT,
    private=True,
    limit=EXPORTS_MAX,
    not_found=_("This scheduled export does not exist"),
    is_running=_("This export is running"),
    too_many=_("You can have at most %(max)s scheduled exports", max=EXPORTS_MAX),
    needs_owner=_("A scheduled export must have an owner"),
    state_field="export_state",
    state_labels=STATE_LABELS,
    outcome_labels=OUTCOME_LABELS,
    problems=(RunOutcome.FAILED,),
    audited=audited,
)
