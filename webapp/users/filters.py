"""What a list of users is narrowed by, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from webapp.access.models import role_label
from webapp.attributes.showing import PREFIX, attribute_label, attribute_told, shown_attributes
from webapp.core.languages import _, day_of, ngettext, number
from webapp.users.display import COLUMN_LABELS
from webapp.users.models import Status
from webapp.users.schemas import ATTRIBUTE, UserListQuery

STATUS_LABELS = {
    Status.ACTIVE: _("Active"),
    Status.INVITED: _("Invited"),
    Status.DEACTIVATED: _("Deactivated"),
    Status.DELETED: _("In the bin"),
}
# In the order in which they are told.
LABELS = {
    "q": _("Search"),
    "status": _("Status"),
    "role": _("Role"),
    "group": _("Group"),
    "ending": _("Access ends"),
    "never_signed_in": _("Last sign-in"),
    "last_sign_in_before": _("Last sign-in before"),
    "last_sign_in_after": _("Last sign-in after"),
    "created_from": _("Created from"),
    "created_to": _("Created until"),
}


class Filter(NamedTuple):
    """One parameter of the list's address, what it is called, and what people read."""

    name: str
    label: str
    text: str


def filters_of(parameters: Mapping[str, str]) -> list[Filter]:
    """Those in force, in the order in which they are told; what the list does not know is no filter."""
    known = [name for name in LABELS if name in UserListQuery.model_fields]
    known += [name for name in parameters if name.startswith(ATTRIBUTE)]
    return [Filter(name, _label(name), _text(name, parameters[name])) for name in known if parameters.get(name)]


def columns_offered() -> dict[str, str]:
    """What the person looking may have as columns, and what it is called."""
    return COLUMN_LABELS | {ATTRIBUTE + attribute.key: attribute.label for attribute in shown_attributes()}


def _label(name: str) -> str:
    return LABELS.get(name) or attribute_label(_field(name)) or name.removeprefix(ATTRIBUTE)


def _text(name: str, value: str) -> str:
    # A value that is none is the list's to refuse.
    with suppress(ValueError):
        if name.startswith(ATTRIBUTE):
            return str(attribute_told(_field(name), value))
        return str(_TEXTS.get(name, day_of)(value))
    return value


def _days(value: str) -> str:
    days = int(value)
    return str(ngettext("within %(count)s day", "within %(count)s days", days, count=number(days)))


# Whatever else there is, is a day.
_TEXTS: dict[str, Callable[[str], str]] = {
    "q": str,
    "group": str,
    "status": lambda value: STATUS_LABELS[Status(value)],
    "role": role_label,
    "ending": _days,
    "never_signed_in": lambda _value: _("never"),
}


def _field(name: str) -> str:
    """What the trail calls an attribute."""
    return PREFIX + name.removeprefix(ATTRIBUTE)
