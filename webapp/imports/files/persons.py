"""Makes people from records and a mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from webapp.attributes.models import FIELD_PREFIX
from webapp.core.errors import Invalid
from webapp.core.foreign_hashes import usable_hash
from webapp.core.statuses import Status
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.imports.files import values
from webapp.imports.files.dates import read_moment
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import IGNORE, Column, Mapping
from webapp.imports.files.people_names import join_name, split_name
from webapp.imports.files.records import Cell, Record
from webapp.imports.rows import PersonRow

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
NAME_PARTS = ("given_name", "middle_name", "family_name")
# Returns the e-mail address that a file has for an ID or another name of a person, or the text unchanged.
FindEmail = Callable[[str], str]


@dataclass
class _Parsed:
    """The values of a row by target, its attributes by key, and its problems."""

    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Field:
    """How one column is read. `place`: of its cell. `empty`: the value of an empty cell."""

    place: int
    column: Column
    key: str
    is_attribute: bool
    read: Callable[[Any], Any]
    empty: Any
    replaced: dict[str, str]

    def store(self, parsed: _Parsed, cell: Cell) -> None:
        """Add the value, or a problem."""
        values = parsed.attributes if self.is_attribute else parsed.values
        if self.column.fallback and values.get(self.key):
            return
        if self.replaced and isinstance(cell, str):
            cell = self.replaced.get(caseless_key(cell), cell)
        if isinstance(cell, tuple) and self.key not in _LISTS:
            cell = ", ".join(cell) if self.is_attribute else next(iter(cell), "")
        if not cell:
            values.setdefault(self.key, self.empty)
            return
        try:
            _check_characters(cell)
            values[self.key] = self.read(cell)
        except Invalid as error:
            heading = f"{self.column.heading}: " if self.column.heading else ""
            parsed.problems.append(f"{heading}{error.message}")


def person_rows(
    records: Iterable[Record], info: FileInfo, mapping: Mapping, find_email: FindEmail = str
) -> Iterator[PersonRow]:
    """Yield a person for each record."""
    fields, constants = _fields(info, mapping, find_email), _constants(info, mapping, find_email)
    for record in records:
        parsed = _Parsed(problems=[record.problem] if record.problem else [])
        cells = record.cells
        for each in fields:
            if each.place < len(cells) and (cell := cells[each.place]) is not None:
                each.store(parsed, cell)
        for each, text in constants:
            each.store(parsed, text)
        yield _person(record.number, parsed, mapping.name_order)


def _fields(info: FileInfo, mapping: Mapping, find_email: FindEmail) -> list[_Field]:
    """Return the fields of the columns that are not ignored. A fallback comes after the column that it replaces."""
    fields = []
    for place, column in enumerate(mapping.columns):
        if column.target == IGNORE:
            continue
        fields.append(_field(place, column, info, find_email))
        if column.split:
            parts = ((column.given, 0), (column.family, 1))
            fields[-1] = replace(fields[-1], read=partial(_ordered_name, split=column.split, order=mapping.name_order))
            fields += [
                replace(_field(place, Column(column.heading, target), info, find_email), read=partial(_part, column, n))
                for target, n in parts
                if target and target != IGNORE
            ]
    return sorted(fields, key=lambda each: each.column.fallback)


def _constants(info: FileInfo, mapping: Mapping, find_email: FindEmail) -> list[tuple[_Field, str]]:
    """Return the fields and texts of the constants. They are used where a row has no value."""
    items = mapping.constants.items()
    return [(_field(0, Column("", target, fallback=True), info, find_email), text) for target, text in items]


def _field(place: int, column: Column, info: FileInfo, find_email: FindEmail) -> _Field:
    target = column.target
    key = target.removeprefix(FIELD_PREFIX)
    read: Callable[[Any], Any] = _READERS.get(target, values.read_text)
    if key != target:
        kind = info.kinds.get(key, "")
        read = partial(values.read_attribute, kind=kind, column=column)
    elif target in _DATES:
        read = partial(read_moment, order=column.dates, utc=info.format == "rollcall")
    elif target == "manager":
        read = find_email
    empty: Any = () if target in _LISTS else None if target in _NEVER_EMPTY else ""
    values_by_key = {caseless_key(cell): value for cell, value in column.values.items()}
    return _Field(place, column, key, key != target, read, empty, values_by_key)


def _ordered_name(cell: str, split: str, order: str) -> str:
    given, family = split_name(values.read_text(cell), split)
    return join_name({"given_name": given, "family_name": family}, order)


def _part(column: Column, place: int, cell: str) -> str:
    return split_name(values.read_text(cell), column.split)[place]


def _check_characters(cell: Cell) -> None:
    """Raise Invalid for characters that no database stores. Other invisible ones are refused with their field."""
    for text in (cell,) if isinstance(cell, str) else cell or ():
        if not text.isprintable() and _NO_TEXT.search(text):
            raise Invalid(_("The cell has a NUL character or half a character"))


def _read_password(text: str) -> str | None:
    """Exports show passwords as asterisks."""
    return None if set(text) <= {"*", "•"} else text


_READERS: dict[str, Callable[[str], Any]] = {
    "roles": values.read_list,
    "groups": values.read_list,
    "status": values.read_status,
    "account_control": values.read_account_control,
    "enabled": values.read_flag,
    "disabled": values.read_flag,
    "locale": values.read_locale,
    "timezone": values.read_timezone,
    "password": _read_password,
    # None for a hash that cannot be verified: this person needs an invitation.
    "password_hash": usable_hash,
}
_LISTS = frozenset({"roles", "groups"})
_DATES = frozenset({"starts_at", "ends_at"})
_NEVER_EMPTY = frozenset({"status", "account_control", "enabled", "disabled", "password", "password_hash"})


def _person(number: int, parsed: _Parsed, name_order: str) -> PersonRow:
    fields = parsed.values
    parts = {part: fields.pop(part) for part in NAME_PARTS if part in fields}
    if parts and not fields.get("name"):
        fields["name"] = join_name(parts, name_order)
    if (status := _status(fields)) is not None:
        fields["status"] = status
    return PersonRow(number, attributes=parsed.attributes, problems=tuple(parsed.problems), **fields)


def _status(fields: dict[str, Any]) -> str | None:
    """Take the flags out of the fields, and return the status that they give together."""
    status = fields.pop("account_control", None)
    flags = [fields.pop("enabled", None), {True: False, False: True}.get(fields.pop("disabled", None))]
    if False in flags or status:
        return str(Status.DEACTIVATED)
    return fields.get("status") or (str(Status.ACTIVE) if True in flags else None)
