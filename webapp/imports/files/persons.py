"""Makes people from records and a mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from webapp.attributes.models import FIELD_PREFIX
from webapp.core.errors import Invalid
from webapp.core.foreign_hashes import usable_hash
from webapp.core.statuses import Status
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.imports.files import values
from webapp.imports.files.dates import NEVER, read_moment
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
class Draft:
    """The values of a row by target, its attributes by key, and its problems."""

    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def person_rows(
    records: Iterable[Record], info: FileInfo, mapping: Mapping, find_email: FindEmail = str
) -> Iterator[PersonRow]:
    """Yield a person for each record."""
    reader = _Reader(info, mapping, find_email)
    for record in records:
        yield reader.row(record)


class _Reader:
    def __init__(self, info: FileInfo, mapping: Mapping, find_email: FindEmail) -> None:
        self._info, self._mapping, self._find_email = info, mapping, find_email
        used = [(place, column) for place, column in enumerate(mapping.columns) if column.target != IGNORE]
        # A fallback is read after the column that it replaces.
        self._columns = sorted(used, key=lambda item: item[1].fallback)
        self._replaced = {
            place: {caseless_key(cell): value for cell, value in column.values.items()}
            for place, column in used
            if column.values
        }

    def row(self, record: Record) -> PersonRow:
        draft = Draft(problems=[record.problem] if record.problem else [])
        count = len(record.cells)
        for place, column in self._columns:
            if place < count and (cell := record.cells[place]) is not None:
                self._read(draft, column, self._replace(place, cell))
        for target, value in self._mapping.constants.items():
            if not _has(draft, target):
                self._read(draft, Column("", target), value)
        return _person(record.number, draft, self._mapping.name_order)

    def _replace(self, place: int, cell: Cell) -> Cell:
        if place not in self._replaced or not isinstance(cell, str):
            return cell
        return self._replaced[place].get(caseless_key(cell), cell)

    def _read(self, draft: Draft, column: Column, cell: Cell) -> None:
        if column.fallback and _has(draft, column.target):
            return
        try:
            _check_characters(cell)
            self._store(draft, column, cell)
        except Invalid as error:
            heading = f"{column.heading}: " if column.heading else ""
            draft.problems.append(f"{heading}{error.message}")

    def _store(self, draft: Draft, column: Column, cell: Cell) -> None:
        target = column.target
        if target in _LISTS:
            draft.values[target] = values.read_list(cell)
            return
        text = cell if isinstance(cell, str) else ", ".join(cell or ())
        if column.split and text:
            self._split(draft, column, text)
        elif target.startswith(FIELD_PREFIX):
            key = target.removeprefix(FIELD_PREFIX)
            kind = self._info.kinds.get(key, "")
            draft.attributes[key] = values.read_attribute(text, kind, column) if text else ""
        elif not text:
            draft.values.setdefault(target, None if target in _NEVER_EMPTY else "")
        elif target in _DATES:
            moment = "" if text in NEVER else read_moment(text, column.dates, utc=self._info.format == "rollcall")
            draft.values[target] = moment
        elif target == "manager":
            draft.values[target] = self._find_email(text)
        else:
            draft.values[target] = _READERS.get(target, values.read_text)(text)

    def _split(self, draft: Draft, column: Column, text: str) -> None:
        given, family = split_name(values.read_text(text), column.split)
        name = join_name({"given_name": given, "family_name": family}, self._mapping.name_order)
        for target, value in ((column.target, name), (column.given, given), (column.family, family)):
            if target and target != IGNORE:
                self._store(draft, Column(column.heading, target), value)


def _check_characters(cell: Cell) -> None:
    """Raise Invalid for characters that no database stores. Other invisible ones are refused with their field."""
    for text in (cell,) if isinstance(cell, str) else cell or ():
        if not text.isprintable() and _NO_TEXT.search(text):
            raise Invalid(_("The cell has a NUL character or half a character"))


def _read_hash(text: str) -> str | None:
    """Return None for a hash that cannot be verified: this person needs an invitation."""
    return usable_hash(text)


def _read_password(text: str) -> str | None:
    """Exports show passwords as asterisks."""
    return None if set(text) <= {"*", "•"} else text


_READERS: dict[str, Callable[[str], Any]] = {
    "status": values.read_status,
    "account_control": values.read_account_control,
    "enabled": values.read_flag,
    "disabled": values.read_flag,
    "locale": values.read_locale,
    "timezone": values.read_timezone,
    "password": _read_password,
    "password_hash": _read_hash,
}
_LISTS = frozenset({"roles", "groups"})
_DATES = frozenset({"starts_at", "ends_at"})
_NEVER_EMPTY = frozenset({"status", "account_control", "enabled", "disabled", "password", "password_hash"})


def _has(draft: Draft, target: str) -> bool:
    if target.startswith(FIELD_PREFIX):
        return bool(draft.attributes.get(target.removeprefix(FIELD_PREFIX)))
    return bool(draft.values.get(target))


def _person(number: int, draft: Draft, name_order: str) -> PersonRow:
    fields = draft.values
    parts = {part: fields.pop(part) for part in NAME_PARTS if part in fields}
    if parts and not fields.get("name"):
        fields["name"] = join_name(parts, name_order)
    if (status := _status(fields)) is not None:
        fields["status"] = status
    return PersonRow(number, attributes=draft.attributes, problems=tuple(draft.problems), **fields)


def _status(fields: dict[str, Any]) -> str | None:
    """Take the flags out of the fields, and return the status that they give together."""
    status = fields.pop("account_control", None)
    flags = [fields.pop("enabled", None), {True: False, False: True}.get(fields.pop("disabled", None))]
    if False in flags or status:
        return str(Status.DEACTIVATED)
    return fields.get("status") or (str(Status.ACTIVE) if True in flags else None)
