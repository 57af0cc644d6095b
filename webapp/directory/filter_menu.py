"""The fields of the filter form of the list of users, as directory/_filters.html prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from webapp.access.models import Group, Role, role_label
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.sorting_and_filtering import NO_VALUE_WORDS
from webapp.core.periods import RANGE, is_relative, parse_period
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.directory.fields import FILTERS, LAST_DAYS, FieldKind
from webapp.directory.filter_labels import label_of, value_label, values_of
from webapp.directory.old_parameters import OLD_PARAMETERS, current_text
from webapp.directory.value_lists import join_values, quoted
from webapp.directory.value_words import NEVER_WORDS

_NO_VALUE = {"none": _("No value")}


@dataclass(frozen=True)
class FilterChoice:
    value: str
    label: str
    checked: bool = False


class Bounds(NamedTuple):
    """What the two inputs of a range contain, and their type. They count if the option of a range is checked."""

    low: str
    high: str
    kind: str
    checked: bool


@dataclass(frozen=True)
class FilterField:
    """One filter. It has options, of which one or several can be chosen, a text, or the bounds of a range.

    `chosen` has the labels of its values. `suggestions` are offered while one types the text.
    """

    name: str
    label: str
    chosen: Sequence[str]
    error: str = ""
    options: Sequence[FilterChoice] = ()
    one_choice: bool = False
    text: str | None = None
    suggestions: Sequence[str] = ()
    person: bool = False
    bounds: Bounds | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.chosen or self.error) or self.name == "status"


@dataclass(frozen=True)
class FilterMenu:
    """`parameters`: those of the address. `errors`: parameter → what is wrong with it."""

    parameters: Mapping[str, str]
    errors: Mapping[str, str]

    def fields(
        self, *, roles: Iterable[Role], groups: Iterable[Group], attributes: Iterable[Attribute]
    ) -> Iterator[FilterField]:
        for name, field in FILTERS.items():
            if field.model is Role:
                yield self._choices(name, {_option(role.name): role_label(role.name) for role in roles})
            elif field.model is Group:
                yield self._group(name, [group.name for group in groups])
            elif field.kind is FieldKind.PERIOD:
                yield self._one_choice(name, field.options, "date")
            elif field.kind is FieldKind.DAYS:
                yield self._one_choice(name, field.options)
            else:
                yield self._choices(name, field.options)
        for attribute in attributes:
            yield self._attribute(attribute)

    def _attribute(self, attribute: Attribute) -> FilterField:
        name = attribute.parameter_name
        match attribute.kind:
            case Kind.CHOICE:
                return self._choices(name, {_option(each.value): each.label for each in attribute.options} | _NO_VALUE)
            case Kind.YES_NO:
                return self._choices(name, {"yes": _("Yes"), "no": _("No")} | _NO_VALUE)
            case Kind.DATE:
                return self._one_choice(name, LAST_DAYS | {"+30d": _("Next 30 days")} | _NO_VALUE, "date")
            case Kind.NUMBER:
                return self._one_choice(name, _NO_VALUE, "number")
        text = self._text(name)
        chosen = [value_label(name, value) for value in values_of(name, text)]
        is_person = attribute.kind == Kind.PERSON
        return FilterField(name, label_of(name), chosen, self._error(name), text=text, person=is_person)

    def _choices(self, name: str, options: Mapping[str, str]) -> FilterField:
        labels = self._labels(name, map(_option, values_of(name, self._text(name))), options)
        chosen = list(labels.values())
        return FilterField(name, label_of(name), chosen, self._error(name), choices_of(options, labels))

    def _one_choice(self, name: str, options: Mapping[str, str], kind: str = "") -> FilterField:
        """Return a field with one choice. With a `kind` of input, a range can be chosen instead."""
        text = self._text(name)
        labels = self._labels(name, [text] if text in options else map(_option, values_of(name, text)), options)
        in_bounds = _bounds_of(list(labels), kind) if kind and text not in options else None
        chosen = {join_values(labels): ", ".join(labels.values())} if labels and not in_bounds else {}
        return FilterField(
            name,
            label_of(name),
            list(labels.values()),
            self._error(name),
            choices_of(options, chosen),
            one_choice=True,
            bounds=Bounds(*(in_bounds or ("", "")), kind, in_bounds is not None) if kind else None,
        )

    def _labels(self, name: str, values: Iterable[str], options: Mapping[str, str]) -> dict[str, str]:
        return {value: str(options.get(value) or value_label(name, value)) for value in values}

    def _group(self, name: str, names: Sequence[str]) -> FilterField:
        values = values_of(name, self._text(name))
        known = [value for value in values if value in names]
        options = choices_of({}, {_option(value): value for value in known})
        typed = join_values(value for value in values if value not in known) if len(values) > len(known) else ""
        error = self._error(name)
        return FilterField(name, label_of(name), values, error, options, text=typed, suggestions=names)

    def _text(self, name: str) -> str:
        return current_text(name, self.parameters)

    def _error(self, name: str) -> str:
        old = (each for each, term in OLD_PARAMETERS.items() if term.startswith(f"{name}:"))
        return next((self.errors[each] for each in (name, *old) if each in self.errors), "")


def choices_of(options: Mapping[str, str], chosen: Mapping[str, str]) -> list[FilterChoice]:
    """Return the options, and each chosen value that is not among them. `chosen`: value → label."""
    others = {value: label for value, label in chosen.items() if value not in options}
    return [FilterChoice(value, label, value in chosen) for value, label in {**options, **others}.items()]


def _option(value: str) -> str:
    """Return the value as an address has it."""
    return quoted(value) if set(value) & set(',"') else value


def _bounds_of(values: Sequence[str], kind: str) -> tuple[str, str] | None:
    """Return the first and the last value of a range, also wrong ones as they were typed, or None without a range."""
    if len(values) != 1 or is_relative(values[0]) or caseless_key(values[0]) in NEVER_WORDS | NO_VALUE_WORDS:
        return None
    text = values[0]
    if kind == "date":
        with suppress(ValueError):
            first, last = parse_period(text)
            return str(first or ""), str(last or "")
    low, sign, high = text.partition(RANGE)
    return (low, high) if sign or kind == "date" else (low, low)
