"""Finds the e-mail addresses of managers whom a file names by an ID, a username or a name in a directory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from webapp.core.text import caseless_key
from webapp.imports.files.headings import heading_key
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.files.records import Record

# Columns by which other rows can name a person.
_NAMES = frozenset({"dn", "distinguishedname", "id", "objectid", "uid", "username", "samaccountname", "employeeid"})
REFERENCES_MAX = 100_000


def email_finder(records: Callable[[], Iterator[Record]], info: FileInfo, mapping: Mapping) -> Callable[[str], str]:
    """Return a function that returns the address of a person whom a cell names, or the cell unchanged.

    It reads the file twice if a column has managers, and keeps only the people who are managers.
    """
    places = [n for n, column in enumerate(mapping.columns) if column.target == "manager"]
    wanted = _wanted(records(), places) if places else set()
    found = _addresses(records(), info, mapping, wanted) if wanted else {}
    return lambda text: found.get(caseless_key(text), text)


def _wanted(records: Iterable[Record], places: list[int]) -> set[str]:
    """Return the keys of managers who are not named by their address, of about REFERENCES_MAX at most."""
    wanted: set[str] = set()
    for record in records:
        cells = [record.cells[place] for place in places if place < len(record.cells)]
        wanted |= {caseless_key(cell) for cell in cells if isinstance(cell, str) and cell and "@" not in cell}
        if len(wanted) >= REFERENCES_MAX:
            break
    return wanted


def _addresses(records: Iterable[Record], info: FileInfo, mapping: Mapping, wanted: set[str]) -> dict[str, str]:
    names = [n for n, heading in enumerate(info.headings) if heading_key(heading) in _NAMES]
    emails = sorted((c.fallback, n) for n, c in enumerate(mapping.columns) if c.target == "email")
    found: dict[str, str] = {}
    for record in records:
        texts = [cell if isinstance(cell, str) else "" for cell in record.cells]
        keys = {caseless_key(texts[n]) for n in names if n < len(texts)} & wanted
        email = next((texts[n] for _fallback, n in emails if n < len(texts) and texts[n]), "")
        found |= {key: email for key in keys if email}
    return found
