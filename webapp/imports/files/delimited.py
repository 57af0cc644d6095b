"""Reads text files with delimiters: CSV, TSV and files of other spreadsheets' exports."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import IO, Self, TextIO

from webapp.attributes.models import FIELD_PREFIX, Attribute
from webapp.attributes.queries import import_headings
from webapp.core.errors import Invalid
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.imports.files.info import SAMPLES_MAX, FileInfo
from webapp.imports.files.mapping import IGNORE, Column, Mapping
from webapp.imports.files.records import Record

DELIMITERS = ",;\t|"
SAMPLE = 64 * 1024
LINE_MAX = 1024 * 1024
COLUMNS_MAX = 1000
# Text without a byte order mark is UTF-16 if at least this percentage of its bytes is zero.
UTF16_ZERO_PERCENT = 20
HEADINGS = {
    "email": ("email", "e-mail", "mail", "email address", "e-mail address", "эл. почта", "электронная почта",
              "почта", "адрес электронной почты", "имейл", "e-mail адрес"),
    "username": ("username", "user name", "login", "account", "логин", "имя пользователя", "учётная запись"),
    "name": ("name", "full name", "display name", "displayname", "фио", "ф.и.о.", "имя и фамилия", "полное имя"),
    "given_name": ("first name", "given name", "givenname", "firstname", "имя"),
    "middle_name": ("middle name", "patronymic", "отчество"),
    "family_name": ("last name", "surname", "family name", "lastname", "sn", "фамилия"),
}  # fmt: skip
FIELDS = {caseless_key(heading): column for column, headings in HEADINGS.items() for heading in headings}


def recognise(
    file: IO[bytes], *, encoding: str | None, delimiter: str | None, attributes: Sequence[Attribute]
) -> FileInfo:
    file.seek(0)
    encoding = encoding or detect_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        delimiter = delimiter or _detect_delimiter(text.read(SAMPLE))
        text.seek(0)
        rows = csv.reader(_Lines(text), delimiter=delimiter, strict=True)
        number, headings = _read_headings(rows)
        samples = _read_samples(rows)
    finally:
        text.detach()
    if len(headings) > COLUMNS_MAX:
        raise Invalid(_("The file has more than %(max)s columns", max=COLUMNS_MAX))
    known = {_heading_key(heading): FIELD_PREFIX + key for heading, key in import_headings(attributes).items()} | FIELDS
    columns = tuple(Column(heading, known.get(_heading_key(heading), IGNORE)) for heading in headings)
    values = tuple(tuple(row[place] for row in samples if place < len(row)) for place in range(len(headings)))
    kinds = {attribute.key: attribute.kind for attribute in attributes}
    return FileInfo(
        "csv", encoding, (encoding,), delimiter, tuple(headings), values, Mapping(columns), (), number + 1, "", kinds
    )


def _read_samples(rows: Iterator[list[str]]) -> list[list[str]]:
    samples: list[list[str]] = []
    with suppress(csv.Error):
        samples += islice(rows, SAMPLES_MAX)
    return samples


def records(file: IO[bytes], info: FileInfo) -> Iterator[Record]:
    file.seek(0)
    text = io.TextIOWrapper(file, info.encoding, newline="")
    try:
        rows = csv.reader(_Lines(text), delimiter=info.delimiter, strict=True)
        _read_headings(rows)
        yield from _read_rows(rows, len(info.headings), info.first_row - 1)
    finally:
        text.detach()


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


def _heading_key(heading: str) -> str:
    return caseless_key(heading.replace("_", " "))


def _read_rows(records: Iterator[list[str]], width: int, number: int) -> Iterator[Record]:
    while True:
        number += 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(number, problem=str(_("This row cannot be read: %(why)s", why=error)))
            continue
        if any(cell.strip() for cell in cells):
            yield Record(number, cells, _too_many_cells(len(cells), width))


def _too_many_cells(cells: int, headings: int) -> str:
    if cells <= headings:
        return ""
    return str(_("This row has %(cells)s cells but the header row has %(headings)s", cells=cells, headings=headings))
