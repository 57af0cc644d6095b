"""Labels of the filters and columns of the list of users, for people to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from webapp.access.models import role_label
from webapp.attributes.display import attribute_field_label, format_attribute_value, viewer_attributes
from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX
from webapp.core.formats import format_iso_date, format_number
from webapp.core.texts import _, ngettext
from webapp.directory.display import COLUMN_LABELS
from webapp.directory.filter_choices import SECOND_FACTOR_LABELS
from webapp.directory.filters import SecondFactor
from webapp.directory.schemas import UserListQuery
from webapp.invitations.labels import FILTER_LABELS
from webapp.invitations.queries import InvitationFilter
from webapp.users.labels import STATUS_LABELS
from webapp.users.models import Status

# Parameter → label, in the order in which pages show them.
LABELS = {
    "q": _("Search"),
    "status": _("Status"),
    "invitation": _("Invitation"),
    "second_factor": _("Second factor"),
    "role": _("Role"),
    "group": _("Group"),
    "ending": _("Access ends"),
    "never_signed_in": _("Last sign-in"),
    "last_sign_in_before": _("Last sign-in before"),
    "last_sign_in_after": _("Last sign-in after"),
    "created_from": _("Created from"),
    "created_to": _("Created until"),
}


class FilterLabel(NamedTuple):
    """A filter in the address of the list: its parameter, its label, and its value as text."""

    name: str
    label: str
    text: str


def filter_labels(parameters: Mapping[str, str]) -> list[FilterLabel]:
    """Return the filters among the parameters, in the order of LABELS. Ignore other parameters."""
    known = [name for name in LABELS if name in UserListQuery.model_fields]
    known += [name for name in parameters if name.startswith(PARAMETER_PREFIX)]
    return [FilterLabel(name, _label(name), _text(name, parameters[name])) for name in known if parameters.get(name)]


def offered_columns() -> dict[str, str]:
    """Return column → label, with every column that the viewer can choose."""
    return COLUMN_LABELS | {attribute.parameter_name: attribute.label for attribute in viewer_attributes()}


def _label(name: str) -> str:
    return LABELS.get(name) or attribute_field_label(_field(name)) or name.removeprefix(PARAMETER_PREFIX)


def _text(name: str, value: str) -> str:
    # The list itself reports invalid values.
    with suppress(ValueError):
        if name.startswith(PARAMETER_PREFIX):
            return str(format_attribute_value(_field(name), value))
        return str(_TEXTS.get(name, format_iso_date)(value))
    return value


def _days(value: str) -> str:
    days = int(value)
    return str(ngettext("within %(count)s day", "within %(count)s days", days, count=format_number(days)))


# Parameter → formatter. The values of all other parameters are dates.
_TEXTS: dict[str, Callable[[str], str]] = {
    "q": str,
    "group": str,
    "status": lambda value: STATUS_LABELS[Status(value)],
    "invitation": lambda value: FILTER_LABELS[InvitationFilter(value)],
    "second_factor": lambda value: SECOND_FACTOR_LABELS[SecondFactor(value)],
    "role": role_label,
    "ending": _days,
    "never_signed_in": lambda _value: _("never"),
}


def _field(name: str) -> str:
    """Return the field name of an attribute, from its parameter name."""
    return FIELD_PREFIX + name.removeprefix(PARAMETER_PREFIX)
