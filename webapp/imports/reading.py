"""Reads CSV files: detects encoding and delimiter, accepts headings in English or Russian."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Self, TextIO

from webapp.attributes.models import FIELD_PREFIX
from webapp.core.errors import Invalid
from webapp.core.text import caseless_key
from webapp.core.texts import _

DELIMITERS = ",;\t|"
SAMPLE = 64 * 1024
LINE_MAX = 1024 * 1024
COLUMNS_MAX = 1000
SHOWN_MAX = 500
# Text without a byte order mark is UTF-16 if at least this percentage of its bytes is zero.
UTF16_ZERO_PERCENT = 20
HEADINGS = {
    "email": ("email", "e-mail", "mail", "email address", "e-mail address", "эл. почта", "электронная почта",
              "почта", "адрес электронной почты", "имейл", "e-mail адрес"),
    "username": ("username", "user name", "login", "account", "логин", "имя пользователя", "учётная запись"),
    "name": ("name", "full name", "display name", "displayname", "фио", "ф.и.о.", "имя и фамилия", "полное имя"),
    "given_name": ("first name", "given name", "givenname", "firstname", "имя"),
    "middle_name": ("middle name", "patronymic", "отчество"),
    "surname": ("last name", "surname", "family name", "lastname", "sn", "фамилия"),
}  # fmt: skip
FIELDS = {caseless_key(heading): column for column, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True)
class Row:
    """One person. `number` counts records; the header row is 1. `problem` says why the row cannot be read."""

    number: int
    email: str = ""
    name: str = ""
    username: str = ""
    problem: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """`ignored` are headings for which Rollcall has no field."""

    encoding: str
    delimiter: str
    ignored: list[str]
    rows: Iterator[Row]


@contextmanager
def read_csv(file: IO[bytes], *, attributes: Mapping[str, str] | None = None) -> Iterator[Table]:
    """Read the header row at once, and the other rows one by one during the block.

    Raise Invalid if the header row cannot be used. `file` must be seekable. `attributes` maps headings to the keys of
    attributes.
    """
    encoding = detect_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield _read_table(text, attributes or {})
    finally:
        # Otherwise it would close the file, which belongs to the caller.
        text.detach()


def _read_table(text: io.TextIOWrapper, attributes: Mapping[str, str]) -> Table:
    delimiter = _detect_delimiter(text.read(SAMPLE))
    text.seek(0)
    # Without `strict`, a quote that is never closed would silently take in the rows after it.
    records = csv.reader(_Lines(text), delimiter=delimiter, strict=True)
    number, headings = _read_headings(records)
    fields = _fields_of(headings, attributes)
    ignored = [heading for heading, name in zip(headings, fields, strict=True) if not name]
    return Table(text.encoding, delimiter, ignored, _read_rows(records, fields, number))


class _Lines:
    """The lines of a file. A line that is too long raises csv.Error, and the next call returns the line after it."""

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LINE_MAX)
        if not line:
            raise StopIteration
        if _is_cut(line):
            while _is_cut(self._text.readline(LINE_MAX)):
                continue
            raise csv.Error(_("a line has more than %(max)s characters", max=LINE_MAX))
        return line


def _is_cut(line: str) -> bool:
    return len(line) == LINE_MAX and not line.endswith(("\n", "\r"))


def detect_encoding(file: IO[bytes]) -> str:
    """Return the encoding of the file. Raise Invalid if no encoding fits.

    UTF-8 is tried before cp1251: cp1251 text is almost never valid UTF-8, but almost all bytes are valid cp1251.
    """
    sample = file.read(SAMPLE)
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = next((encoding for mark, encoding in marks.items() if sample.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", *_detect_utf16(sample), "cp1251"]:
        if _is_text_in(encoding, file):
            return encoding
    raise Invalid(_("The file is not text in UTF-8, UTF-16 or Windows-1251"))


def _is_text_in(encoding: str, file: IO[bytes]) -> bool:
    """Decode the file part by part, because a large one does not fit into memory."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while part := file.read(SAMPLE):
            if "\x00" in decoder.decode(part):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _detect_utf16(sample: bytes) -> list[str]:
    if sample.count(0) * 100 < len(sample) * UTF16_ZERO_PERCENT:
        return []
    return ["utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"]


def _detect_delimiter(sample: str) -> str:
    """Return the delimiter that is most frequent in the first line, outside quotes."""
    line = next(iter(sample.lstrip().splitlines()), "")
    plain = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=plain.count)


def _read_headings(records: Iterator[list[str]]) -> tuple[int, list[str]]:
    """Return the first row that is not empty, with its number. Raise Invalid if there is none."""
    try:
        for number, row in enumerate(records, 1):
            if any(cell.strip() for cell in row):
                return number, row
    except csv.Error as error:
        raise Invalid(_("The header row cannot be read: %(why)s", why=error)) from None
    raise Invalid(_("The file is empty"))


def _fields_of(headings: list[str], attributes: Mapping[str, str]) -> list[str]:
    """Return the field of each column, an empty text if there is none."""
    if len(headings) > COLUMNS_MAX:
        raise Invalid(_("The file has more than %(max)s columns", max=COLUMNS_MAX))
    known = {_heading_key(heading): FIELD_PREFIX + key for heading, key in attributes.items()} | FIELDS
    fields = [known.get(_heading_key(heading), "") for heading in headings]
    if "email" not in fields:
        line = " | ".join(headings)[:SHOWN_MAX]
        raise Invalid(_("No column has the e-mail address. The first row is: %(line)s", line=line))
    if duplicates := [name for name, count in Counter(fields).items() if name and count > 1]:
        raise Invalid(_("Two columns have the same meaning: %(fields)s", fields=", ".join(sorted(duplicates))))
    return fields


def _heading_key(heading: str) -> str:
    return caseless_key(heading.replace("_", " "))


def _read_rows(records: Iterator[list[str]], fields: list[str], number: int) -> Iterator[Row]:
    while True:
        number += 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, problem=str(_("This row cannot be read: %(why)s", why=error)))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        yield _row(number, dict(zip(fields, cells, strict=False)), _too_many_cells(len(cells), len(fields)))


def _too_many_cells(cells: int, headings: int) -> str:
    if cells <= headings:
        return ""
    return str(_("This row has %(cells)s cells but the header row has %(headings)s", cells=cells, headings=headings))


def _row(number: int, cells: dict[str, str], problem: str) -> Row:
    parts = [cells.get(part, "").strip() for part in ("given_name", "middle_name", "surname")]
    name = cells.get("name", "").strip() or " ".join(part for part in parts if part)
    attributes = {
        name.removeprefix(FIELD_PREFIX): cell for name, cell in cells.items() if name.startswith(FIELD_PREFIX)
    }
    return Row(number, cells.get("email", ""), name, cells.get("username", "").strip(), problem, attributes)
