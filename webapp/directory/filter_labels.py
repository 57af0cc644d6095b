"""The filters of the list of users as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, Self

from webapp.access.models import role_label
from webapp.attributes.display import attribute_field_label, format_attribute_value, viewer_attributes
from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX, Attribute
from webapp.core.clock import now
from webapp.core.formats import format_iso_date, format_number
from webapp.core.texts import _, ngettext
from webapp.directory.display import COLUMN_LABELS
from webapp.directory.schemas import UserListQuery
from webapp.users.labels import STATUS_LABELS
from webapp.users.models import Status

# In the order in which they are shown.
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


class FilterLabel(NamedTuple):
    """A parameter of the list's address, the label of the filter, and its value in words."""

    name: str
    label: str
    text: str


def filters_of(parameters: Mapping[str, str]) -> list[FilterLabel]:
    """The filters in force, in the order in which they are shown. Unknown parameters are no filters."""
    known = [name for name in LABELS if name in UserListQuery.model_fields]
    known += [name for name in parameters if name.startswith(PARAMETER_PREFIX)]
    return [FilterLabel(name, _label(name), _text(name, parameters[name])) for name in known if parameters.get(name)]


class SearchHelp(NamedTuple):
    """The examples of the search help.

    `domain` is the domain of an e-mail address, `group` the name of a group, `choice` a term for an attribute and its
    label.
    """

    domain: str
    year: int
    group: str = ""
    choice: tuple[str, str] | None = None

    @classmethod
    def of(cls, *, domain: str, group: str, attributes: Sequence[Attribute]) -> Self:
        """The example of an attribute is the first choice of `attributes`."""
        found = ((f"{each.key}:{each.options[0].value}", each.label) for each in attributes if each.options)
        return cls(domain, now().year, group, next(found, None))

    @property
    def examples(self) -> list[tuple[str, str]]:
        """Terms and what they find, in the language of the page."""
        year = self.year
        terms = [
            (_('"anna"'), _("this exact spelling, in this alphabet only")),
            (_("anna -smith"), _("the first word without the second")),
            (_("email:@%(domain)s", domain=self.domain), _("part of the e-mail address")),
            (_("status:invited"), _("people who are invited")),
            (_("role:Owner"), _("people with this role")),
        ]
        if self.group:
            terms.append((_('group:"%(name)s"', name=self.group), _("members of this group and of groups inside it")))
        terms += [
            (_("last_sign_in:<%(year)s-01-01", year=year), _("last sign-in before this day")),
            (_("last_sign_in:never"), _("people who never signed in")),
            (_("created:%(year)s-01-01..%(year)s-03-31", year=year), _("added in this period")),
        ]
        if self.choice:
            terms.append(self.choice)
        return [(str(typed), str(found)) for typed, found in terms]


def columns_offered() -> dict[str, str]:
    """What the person looking may have as columns, and what it is called."""
    return COLUMN_LABELS | {attribute.parameter_name: attribute.label for attribute in viewer_attributes()}


def _label(name: str) -> str:
    return LABELS.get(name) or attribute_field_label(_field(name)) or name.removeprefix(PARAMETER_PREFIX)


def _text(name: str, value: str) -> str:
    # A value that is none is the list's to refuse.
    with suppress(ValueError):
        if name.startswith(PARAMETER_PREFIX):
            return str(format_attribute_value(_field(name), value))
        return str(_TEXTS.get(name, format_iso_date)(value))
    return value


def _days(value: str) -> str:
    days = int(value)
    return str(ngettext("within %(count)s day", "within %(count)s days", days, count=format_number(days)))


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
    return FIELD_PREFIX + name.removeprefix(PARAMETER_PREFIX)
