"""Reads the people of an LDIF file (RFC 2849) of any directory server.

The library `ldif` is not used: its check of names takes exponential time for some names, and it stops at an error.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from webapp.core.texts import _
from webapp.imports.files.info import FileInfo
from webapp.imports.files.layout import Layout
from webapp.imports.files.lines import NUL, Lines, opened
from webapp.imports.files.mapping import COLUMNS_MAX
from webapp.imports.files.records import Cell, Record

ENTRIES_SEEN = 1000
ENTRY_LINES_MAX = 20_000
VALUE_MAX = 64 * 1024
_PEOPLE = frozenset(
    ["person", "inetorgperson", "organizationalperson", "user", "posixaccount", "account", "mailuser", "zimbraaccount"]
)
_OTHERS = frozenset(["computer", "group", "groupofnames", "posixgroup", "organizationalunit", "contact"])
# Their values are not text.
_BINARY = frozenset({"jpegphoto", "thumbnailphoto", "usercertificate", "objectsid", "objectguid", "userpkcs12"})


@dataclass
class Entry:
    """`line`: of its start. `values`: by lower-case attribute name, in order."""

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)
    problem: str = ""


def find_layout(file: IO[bytes], encoding: str) -> Layout:
    names: dict[str, str] = {}
    with opened(file, encoding) as text:
        for entry in islice(filter(is_person, entries(Lines(text))), ENTRIES_SEEN):
            names |= {name: name for name in entry.values}
    return Layout("ldif", tuple(islice(names, COLUMNS_MAX)))


def records(file: IO[bytes], info: FileInfo) -> Generator[Record]:
    """Yield the entries of people, and entries that cannot be read."""
    with opened(file, info.encoding) as text:
        for entry in entries(Lines(text)):
            if entry.problem or is_person(entry):
                yield Record(entry.line, [_cell(entry, name) for name in info.headings], entry.problem)


def is_person(entry: Entry) -> bool:
    classes = {name.casefold() for name in entry.values.get("objectclass", [])}
    has_address = "mail" in entry.values or "userprincipalname" in entry.values
    return bool(classes & _PEOPLE or (has_address and not classes)) and not classes & _OTHERS


def _cell(entry: Entry, name: str) -> Cell:
    values = entry.values.get(name)
    if values is None:
        return None
    return values[0] if len(values) == 1 else tuple(values)


def entries(lines: Lines) -> Iterator[Entry]:
    """Yield the entries: runs of lines between empty ones."""
    entry, count = Entry(0), 0
    for number, line in _unfolded(lines):
        if not line:
            if entry.line:
                yield entry
            entry, count = Entry(0), 0
            continue
        entry.line = entry.line or number
        count += 1
        if count <= ENTRY_LINES_MAX:
            _add(entry, line)
    if entry.line:
        yield entry


def _unfolded(lines: Lines) -> Iterator[tuple[int, str]]:
    """Yield (number, line) without comments. A line that starts with a space continues the line before."""
    parts: list[str] = []
    start = 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if line.startswith(" ") and parts:
            if len(parts) < ENTRY_LINES_MAX:
                parts.append(line[1:])
            continue
        if parts and not parts[0].startswith("#"):
            yield start, "".join(parts)
        parts, start = [line.removeprefix("\ufeff")], number
    if parts and not parts[0].startswith("#"):
        yield start, "".join(parts)


def _add(entry: Entry, line: str) -> None:
    """Add a line such as `mail: a@example.com`. Values of other files (`:<`) and pictures are left out."""
    name, colon, value = line.partition(":")
    name = name.strip().casefold()
    if not colon or NUL in line:
        entry.problem = str(_("“%(line)s” is not a line of LDIF", line=line[:40].replace(NUL, "")))
    elif name == "changetype" and value.strip().casefold() != "add":
        entry.problem = str(_("This is a change of an entry, not an entry"))
    elif name == "version" and not entry.values:
        # The version of LDIF stands before the first entry.
        entry.line = 0
    elif name in _BINARY or name.endswith(";binary") or value.startswith("<"):
        return
    elif (text := _decoded(value)) is None:
        entry.problem = str(_("The value of %(name)s cannot be decoded", name=name[:40]))
    elif len(text) <= VALUE_MAX:
        entry.values.setdefault(name, []).append(text)


def _decoded(value: str) -> str | None:
    """Return the text of a value. Return None if it is not Base64, or not UTF-8."""
    if not value.startswith(":"):
        return value.strip()
    try:
        return base64.b64decode(value[1:].strip(), validate=True).decode().strip()
    except (binascii.Error, ValueError):
        return None
