"""Labels of the fields of schedules and timetables in the audit trail."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "schedule": _("Schedule"),
    "time_of_day": _("Time of day"),
    "weekday": _("Day"),
}
# A day of a timetable, as audit records have it.
WEEKDAY_LABELS = {
    "0": _("Every Monday"),
    "1": _("Every Tuesday"),
    "2": _("Every Wednesday"),
    "3": _("Every Thursday"),
    "4": _("Every Friday"),
    "5": _("Every Saturday"),
    "6": _("Every Sunday"),
}


def day_label(weekday: int | None) -> str:
    return str(_("Every day") if weekday is None else WEEKDAY_LABELS[str(weekday)])
