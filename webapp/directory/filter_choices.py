"""Options of the filter form of the list of users, as directory/_filters.html prints them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.access.models import Role, role_label
from webapp.core.texts import _
from webapp.directory.filters import SecondFactor
from webapp.invitations.labels import FILTER_LABELS
from webapp.users.labels import STATUS_LABELS

SECOND_FACTOR_LABELS = {
    SecondFactor.YES: _("Has one"),
    SecondFactor.NO: _("Has none"),
    SecondFactor.MISSING: _("Must have one, has none"),
}


@dataclass(frozen=True)
class FilterChoice:
    """One option. The options of an attribute have the same fields."""

    value: str
    label: str


@dataclass(frozen=True)
class FilterChoices:
    statuses: list[FilterChoice]
    invitations: list[FilterChoice]
    second_factors: list[FilterChoice]
    roles: list[FilterChoice]
    endings: list[FilterChoice]
    yes_no: list[FilterChoice]


def filter_choices(roles: Iterable[Role]) -> FilterChoices:
    return FilterChoices(
        statuses=[FilterChoice(status, label) for status, label in STATUS_LABELS.items()],
        invitations=[FilterChoice(state, label) for state, label in FILTER_LABELS.items()],
        second_factors=[FilterChoice(state, label) for state, label in SECOND_FACTOR_LABELS.items()],
        roles=[FilterChoice(role.name, role_label(role.name)) for role in roles],
        endings=[
            FilterChoice("7", _("Within a week")),
            FilterChoice("30", _("Within 30 days")),
            FilterChoice("90", _("Within 90 days")),
        ],
        yes_no=[FilterChoice("yes", _("Yes")), FilterChoice("no", _("No"))],
    )
