"""Labels of scheduled exports: targets, states and outcomes, and the fields of their audit records."""

from __future__ import annotations

from collections.abc import Callable

from webapp.bulk.export_form import HEADINGS_LABELS
from webapp.core.texts import _
from webapp.recurring.labels import PageTexts
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import Target

TARGET_LABELS: dict[str, str] = {
    Target.MAIL: _("An e-mail to you with a link to the file"),
    Target.FOLDER: _("A folder of the server"),
}
PAGE_TEXTS = PageTexts(
    one=_("Scheduled export"),
    all=_("Scheduled exports"),
    new=_("Schedule export"),
    edit=_("Edit scheduled export"),
    delete=_("Delete scheduled export"),
    deletion=_("%(name)s creates no more files. You can undo this for 30 days."),
    created=_("Export %(name)s scheduled"),
    paused=_("Export %(name)s paused"),
    resumed=_("Export %(name)s resumed"),
    deleted=_("Export %(name)s deleted"),
    running=_("The file is being created. You see it here."),
    no_runs=_("Each file appears here."),
    paused_by_rollcall=_("Rollcall paused this export on %(day)s."),
)
FIELD_LABELS = {
    "export_people": _("People"),
    "export_columns": _("Columns"),
    "export_headings": _("Headings"),
    "export_target": _("Where the file goes"),
    "export_keep": _("Files kept"),
    "export_state": _("State"),
}

_HEADINGS: dict[str, str] = {each.value: label for each, label in HEADINGS_LABELS.items()}


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "export_headings": lambda name: str(_HEADINGS.get(name, name)),
    "export_target": lambda target: str(TARGET_LABELS.get(target, target)),
    "export_state": lambda state: str(EXPORTS.state_labels.get(state, state)),
}
