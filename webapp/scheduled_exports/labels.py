"""Labels of scheduled exports: targets, states and outcomes, and the fields of their audit records."""

from __future__ import annotations

from collections.abc import Callable

from webapp.bulk.export_form import HEADINGS_LABELS
from webapp.core.texts import _, pgettext
from webapp.scheduled_exports.models import RunOutcome, ScheduledExport, Target

TARGET_LABELS: dict[str, str] = {
    Target.MAIL: _("An e-mail to you with a link to the file"),
    Target.FOLDER: _("A folder of the server"),
}
OUTCOME_LABELS: dict[str, str] = {
    RunOutcome.DONE: pgettext("export", "Done"),
    RunOutcome.FAILED: pgettext("export", "Failed"),
}
STATE_LABELS = {"active": pgettext("export", "Active"), "paused": pgettext("export", "Paused")}
FIELD_LABELS = {
    "export_people": _("People"),
    "export_columns": _("Columns"),
    "export_headings": _("Headings"),
    "export_target": _("Where the file goes"),
    "export_keep": _("Files kept"),
    "export_state": _("State"),
}

_HEADINGS: dict[str, str] = {each.value: label for each, label in HEADINGS_LABELS.items()}


def state_label(export: ScheduledExport) -> str:
    return STATE_LABELS["paused" if export.paused_at else "active"]


def outcome_label(outcome: str) -> str:
    return OUTCOME_LABELS.get(outcome, outcome)


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "export_headings": lambda name: str(_HEADINGS.get(name, name)),
    "export_target": lambda target: str(TARGET_LABELS.get(target, target)),
    "export_state": lambda state: str(STATE_LABELS.get(state, state)),
}
