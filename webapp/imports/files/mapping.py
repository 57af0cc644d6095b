"""What each column of a file means, and how its values are changed. People can correct it, and it can be saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Items
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from webapp.attributes.models import FIELD_PREFIX
from webapp.core.errors import Invalid
from webapp.core.texts import _

IGNORE = "ignore"
# The fields that a column can have, beside `attributes.KEY`. `enabled` and `disabled` are yes or no.
TARGETS = {
    "email": _("E-mail address"),
    "username": _("Username"),
    "name": _("Name"),
    "given_name": _("Given name"),
    "middle_name": _("Middle name"),
    "family_name": _("Family name"),
    "id": _("ID"),
    "status": _("Status"),
    "enabled": _("Can sign in (yes or no)"),
    "disabled": _("Cannot sign in (yes or no)"),
    "account_control": _("Account control of Active Directory"),
    "roles": _("Roles"),
    "groups": _("Groups"),
    "starts_at": _("Access starts on"),
    "ends_at": _("Access ends on"),
    "manager": _("Manager"),
    "locale": _("Language"),
    "timezone": _("Time zone"),
    "password": _("Password"),
    "password_hash": _("Password hash"),
}
GIVEN_FIRST, FAMILY_FIRST = "given_first", "family_first"
NAME_ORDERS = (GIVEN_FIRST, FAMILY_FIRST)
DATE_FORMATS = ("ymd", "dmy", "mdy")
HEADINGS_SHOWN_MAX = 500
COLUMNS_MAX = 1000
# 1,234.5 and 1.234,5
NUMBER_FORMATS = ("point", "comma")


@dataclass(frozen=True)
class Column:
    """`target`: IGNORE, a key of TARGETS, or `attributes.KEY`.

    `fallback`: used in rows in which the other column of the same target is empty. `values`: replaces cells, which are
    compared without case. `dates`, `numbers`: of DATE_FORMATS and NUMBER_FORMATS, or "" for what is not ambiguous.
    `split`: the order of a full name, of NAME_ORDERS. The name is put together again in the order of the mapping.
    `given`, `family`: targets of its parts, or "".
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    heading: str
    target: str = IGNORE
    fallback: bool = False
    values: Items[str, str] = field(default_factory=dict)
    dates: str = ""
    numbers: str = ""
    split: str = ""
    given: str = ""
    family: str = ""


@dataclass(frozen=True)
class Mapping:
    """`name_order`: how given name and family name become a name. `constants`: values by target, if a row has none."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    columns: Annotated[tuple[Column, ...], Field(max_length=COLUMNS_MAX)]
    name_order: str = GIVEN_FIRST
    constants: Items[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Items[str, Any]) -> Self:
        """Raise Invalid if `data` is not a mapping."""
        try:
            mapping: Self = TypeAdapter(cls).validate_python(data)
        except ValidationError:
            raise _unreadable() from None
        _check_words(mapping)
        return mapping

    def targets(self) -> set[str]:
        """Return the fields that rows can have, without IGNORE."""
        parts = {part for column in self.columns for part in (column.target, column.given, column.family)}
        return (parts | set(self.constants)) - {IGNORE, ""}

    def ignored(self) -> list[str]:
        """Return the headings of the columns that are not imported."""
        return [column.heading for column in self.columns if column.target == IGNORE and column.heading]

    def fit(self, headings: Sequence[str]) -> Self:
        """Return this mapping for another file: columns are found by heading, unknown ones are ignored."""
        known = {column.heading: column for column in self.columns}
        return replace(self, columns=tuple(known.get(heading, Column(heading)) for heading in headings))


def check_mapping(mapping: Mapping, *, key: str = "email") -> None:
    """Raise Invalid if no column has the field `key`, which identifies a person, or if two columns mean the same."""
    if key not in mapping.targets():
        line = " | ".join(column.heading for column in mapping.columns)[:HEADINGS_SHOWN_MAX]
        if key == "email":
            raise Invalid(_("No column has the e-mail address. The first row is: %(line)s", line=line))
        raise Invalid(_("No column has the field %(field)s. The first row is: %(line)s", field=key, line=line))
    counts = Counter(column.target for column in mapping.columns if not column.fallback)
    if duplicates := sorted(target for target, count in counts.items() if count > 1 and target != IGNORE):
        raise Invalid(_("Two columns have the same meaning: %(fields)s", fields=", ".join(duplicates)))


def _check_words(mapping: Mapping) -> None:
    """Raise Invalid unless every word of the mapping is one that this module defines."""
    known = {*TARGETS, IGNORE, ""}
    targets = {*mapping.targets(), *(column.target for column in mapping.columns)}
    if unknown := sorted(t for t in targets if t not in known and not t.startswith(FIELD_PREFIX)):
        raise Invalid(_("Unknown fields: %(fields)s", fields=", ".join(unknown)))
    formats: set[tuple[str, tuple[str, ...]]] = {(column.dates, DATE_FORMATS) for column in mapping.columns}
    formats |= {(column.numbers, NUMBER_FORMATS) for column in mapping.columns}
    formats |= {(column.split, NAME_ORDERS) for column in mapping.columns}
    if mapping.name_order not in NAME_ORDERS or any(word not in {"", *words} for word, words in formats):
        raise _unreadable()


def _unreadable() -> Invalid:
    return Invalid(_("This mapping cannot be read"))
