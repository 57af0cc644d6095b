"""Reads the records of a JSON file one by one. ijson parses it in parts, so that its size does not matter."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import IO, Any, TextIO

from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.imports.files.headings import find_target
from webapp.imports.files.lines import NUL, Lines, opened

# Of one record. ijson keeps a record in memory as a whole.
RECORD_CHARACTERS_MAX = 2 * 1024 * 1024
RECORD_BRACKETS_MAX = 500_000
DEPTH_MAX = 200
# At an integer that Python refuses to read, by default one of over 4,300 digits, the parser ends the whole process.
DIGITS_MAX = 1000
PATH_MAX = 2000
# ijson gives each event of a part its path, whose length depends on the depth.
PART = 4096
# The start of a file in which the list of people must be, in events of the parser.
EVENTS_MAX = 5_000_000
# A list of people is not nested more deeply in lists than this: realms, users.
LISTS_MAX = 2
LISTS_SEEN_MAX = 1000
LINES = "lines"
_DIGITS = re.compile("[0-9]+")


class Damaged(Exception):
    """The JSON cannot be read from here on."""


class _Bounded:
    """The bytes of a text in UTF-8. Raise Damaged if too much is read between two calls of `next_record`."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._last_digits = ""
        self.next_record()

    def next_record(self) -> None:
        self._characters = self._opened = self._closed = 0

    def read(self, size: int = -1) -> bytes:
        part = self._text.read(size)
        self._characters += len(part)
        self._opened += part.count("[") + part.count("{")
        self._closed += part.count("]") + part.count("}")
        if self._characters > RECORD_CHARACTERS_MAX or self._opened > RECORD_BRACKETS_MAX:
            raise Damaged(_("A record is too large"))
        if self._opened - self._closed > DEPTH_MAX:
            raise Damaged(_("A record is nested too deeply"))
        self._check_digits(part)
        return part.encode("utf-8", "replace")

    def _check_digits(self, part: str) -> None:
        """Raise Damaged at a run of digits that is too long, also one that began in the part before."""
        text = self._last_digits + part
        if max(map(len, _DIGITS.findall(text)), default=0) > DIGITS_MAX:
            raise Damaged(_("A record is too large"))
        self._last_digits = text[len(text.rstrip("0123456789")) :]


def find_list(file: IO[bytes], encoding: str) -> str:
    """Return the path of the list of people, in ijson's notation, or LINES for JSON lines. Raise Invalid."""
    import ijson  # noqa: PLC0415  only for JSON files

    keys: dict[str, set[str]] = defaultdict(set)
    with opened(file, encoding) as text:
        source = _Bounded(text)
        events = ijson.parse(source, multiple_values=True, buf_size=PART)
        try:
            for count, (path, event, value) in enumerate(events):
                source.next_record()
                _check_depth(path)
                if event == "map_key" and len(keys) <= LISTS_SEEN_MAX:
                    for end in _ends(path):
                        keys[end].add(f"{path}.{value}"[len(end) :].lstrip("."))
                elif event == "end_map" and _is_people(keys.get(path, ())):
                    return path or LINES
                if count > EVENTS_MAX:
                    break
        except (ijson.JSONError, ArithmeticError, Damaged) as error:
            raise Invalid(_("The file is not valid JSON: %(why)s", why=_reason(error))) from None
    return _largest(keys)


def _check_depth(path: str) -> None:
    if len(path) > PATH_MAX:
        raise Damaged(_("A record is nested too deeply"))


def _ends(path: str) -> list[str]:
    """Return the records of lists that contain the path: each part up to `item`, and the whole file."""
    parts = path.split(".")
    places = [n for n, part in enumerate(parts, 1) if part == "item"][:LISTS_MAX]
    return ["", *(".".join(parts[:place]) for place in places)]


def _is_people(keys: Collection[str]) -> bool:
    targets = {find_target(key) for key in keys if key.count(".") <= 2 and "item" not in key}
    return bool(targets & {"email", "username"}) and len(keys) > 1 and "users" not in keys


def _largest(keys: dict[str, set[str]]) -> str:
    """Return the list whose first record has most fields: people can correct the columns."""
    lists = {path: len(found) for path, found in keys.items() if path}
    if not lists:
        raise Invalid(_("The file has no list of people"))
    return max(lists, key=lists.__getitem__)


def objects(file: IO[bytes], encoding: str, path: str) -> Iterator[tuple[int, Any]]:
    """Yield (number, record). A record that cannot be read is a Damaged."""
    with opened(file, encoding) as text:
        yield from _lines(text) if path == LINES else _items(text, path)


def _lines(text: TextIO) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(Lines(text), 1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        try:
            yield number, json.loads(line.strip("\ufeff \t\r\n,"))
        except (ValueError, RecursionError):
            yield number, Damaged(_("The line is not valid JSON") if NUL not in line else _("The line is too long"))


def _items(text: TextIO, path: str) -> Iterator[tuple[int, Any]]:
    import ijson  # noqa: PLC0415

    source = _Bounded(text)
    number = 0
    try:
        for number, record in enumerate(ijson.items(source, path, buf_size=PART), 1):
            source.next_record()
            yield number, record
    except (ijson.JSONError, ArithmeticError, Damaged) as error:
        why = _("From here on the file cannot be read: %(why)s", why=_reason(error))
        yield number + 1, Damaged(why)


def _reason(error: Exception) -> str:
    if isinstance(error, ArithmeticError):
        # An exponent that no number can have.
        return str(_("A record is too large"))
    return str(error).splitlines()[0][:200]
