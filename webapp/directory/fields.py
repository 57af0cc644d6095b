"""The fields of a search. Those with a label are also filters: in the form, and as parameters of the address.

A new filter needs an entry here, a builder in `field_filters.py` and a parameter in `schemas.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from webapp.access.models import Group, Role
from webapp.attributes.models import PARAMETER_PREFIX
from webapp.core.texts import _
from webapp.directory.value_words import INVITATIONS, SECOND_FACTORS, STATUSES, SecondFactor
from webapp.invitations.labels import FILTER_LABELS
from webapp.users.labels import STATUS_LABELS

LAST_DAYS = {"today": _("Today"), "7d": _("Last 7 days"), "30d": _("Last 30 days")}
_ENDING = {"7": _("Within a week"), "30": _("Within 30 days"), "90": _("Within 90 days")}
_LAST_SIGN_IN = LAST_DAYS | {
    "<30d": _("Over 30 days ago"),
    "<90d": _("Over 90 days ago"),
    "never": _("Never"),
    "never,<90d": _("Never or over 90 days ago"),
}
_SECOND_FACTORS = {
    SecondFactor.YES: _("Has one"),
    SecondFactor.NO: _("Has none"),
    SecondFactor.MISSING: _("Must have one, has none"),
}


class FieldKind(Enum):
    """What the values of a field are. TEXT: parts of the person's text. NAME: names of roles or groups."""

    ID = auto()
    TEXT = auto()
    STATE = auto()
    NAME = auto()
    PERIOD = auto()
    DAYS = auto()


@dataclass(frozen=True)
class Field:
    """A field of a search.

    `russian` is its name in a Russian search. `words` are the names of its states in a search, in both languages.
    `options` are the values that the form offers, with their labels. `model` has the rows that its values name.
    """

    name: str
    russian: str
    kind: FieldKind
    label: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[Any, str] = field(default_factory=dict)
    model: type[Role | Group] | None = None


_FIELDS = (
    Field("id", "id", FieldKind.ID),
    Field("name", "имя", FieldKind.TEXT),
    Field("email", "почта", FieldKind.TEXT),
    Field("username", "логин", FieldKind.TEXT),
    Field("former", "прежний", FieldKind.TEXT),
    Field("status", "статус", FieldKind.STATE, _("Status"), STATUSES, STATUS_LABELS),
    Field("role", "роль", FieldKind.NAME, _("Role"), model=Role),
    Field("group", "группа", FieldKind.NAME, _("Group"), model=Group),
    Field("ending", "истекает", FieldKind.DAYS, _("Access ends"), options=_ENDING),
    Field("last_sign_in", "вход", FieldKind.PERIOD, _("Last sign-in"), options=_LAST_SIGN_IN),
    Field("created", "создан", FieldKind.PERIOD, _("Created"), options=LAST_DAYS),
    Field("invitation", "приглашение", FieldKind.STATE, _("Invitation"), INVITATIONS, FILTER_LABELS),
    Field("second_factor", "фактор", FieldKind.STATE, _("Second factor"), SECOND_FACTORS, _SECOND_FACTORS),
)
FIELDS = {each.name: each for each in _FIELDS}
# In the order of the form.
FILTERS = {each.name: each for each in _FIELDS if each.label}


def is_filter(parameter: str) -> bool:
    return parameter in FILTERS or parameter.startswith(PARAMETER_PREFIX)


def has_several(parameter: str) -> bool:
    """Return whether the parameter can have several values."""
    return is_filter(parameter) and not (parameter in FILTERS and FILTERS[parameter].kind is FieldKind.DAYS)
