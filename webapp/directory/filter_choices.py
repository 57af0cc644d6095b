"""Options of the filters of the list of users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.core.texts import _
from webapp.directory.filters import SecondFactor
from webapp.invitations.labels import FILTER_LABELS
from webapp.users.labels import STATUS_LABELS

NO_VALUE = "none"
SECOND_FACTOR_LABELS = {
    SecondFactor.YES: _("Has one"),
    SecondFactor.NO: _("Has none"),
    SecondFactor.MISSING: _("Must have one, has none"),
}
_LAST_DAYS = {"today": _("Today"), "7d": _("Last 7 days"), "30d": _("Last 30 days")}
# Filter → value → label.
OPTIONS: dict[str, Mapping[str, str]] = {
    "status": {status.value: label for status, label in STATUS_LABELS.items()},
    "invitation": {state.value: label for state, label in FILTER_LABELS.items()},
    "second_factor": {state.value: label for state, label in SECOND_FACTOR_LABELS.items()},
    "ending": {"7": _("Within a week"), "30": _("Within 30 days"), "90": _("Within 90 days")},
    "last_sign_in": _LAST_DAYS
    | {
        "<30d": _("Over 30 days ago"),
        "<90d": _("Over 90 days ago"),
        "never": _("Never"),
        "never,<90d": _("Never or over 90 days ago"),
    },
    "created": _LAST_DAYS,
}
DATE_OPTIONS = _LAST_DAYS | {"+30d": _("Next 30 days"), NO_VALUE: _("No value")}
NUMBER_OPTIONS = {NO_VALUE: _("No value")}
YES_NO_OPTIONS = {"yes": _("Yes"), "no": _("No"), NO_VALUE: _("No value")}


@dataclass(frozen=True)
class FilterChoice:
    value: str
    label: str
    checked: bool = False


def choices_of(options: Mapping[str, str], chosen: Mapping[str, str]) -> list[FilterChoice]:
    """Return the options, and each chosen value that is not among them. `chosen`: value → label."""
    others = {value: label for value, label in chosen.items() if value not in options}
    return [FilterChoice(value, label, value in chosen) for value, label in {**options, **others}.items()]
