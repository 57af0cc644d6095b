"""The formats of exported people. Imports read each of them back without a change.

A file is written in parts: `encode_rows` makes one of some people, `finish_file` makes the file of all parts.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

from webapp.attributes.models import FIELD_PREFIX
from webapp.bulk.export_columns import Column, Headings, Value
from webapp.bulk.ldif import ldif_entry
from webapp.bulk.workbooks import write_workbook
from webapp.core.spreadsheets import BOM, csv_text
from webapp.db.types import compact_json
from webapp.users.values import audit_text

_SEPARATORS = re.compile('[,;|\n"]')
Rows = Sequence[Sequence[Value]]


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    LDIF = "ldif"


CONTENT_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.JSONL: "application/jsonl; charset=utf-8",
    FileFormat.LDIF: "text/x-ldif; charset=utf-8",
}


@dataclass(frozen=True)
class FileOptions:
    """JSON lines and LDIF always have keys."""

    format: FileFormat = FileFormat.CSV
    chosen_headings: Headings = Headings.LABELS

    @property
    def headings(self) -> Headings:
        is_table = self.format in {FileFormat.CSV, FileFormat.XLSX}
        return self.chosen_headings if is_table else Headings.KEYS

    def heading_row(self, columns: Iterable[Column]) -> list[str]:
        return [column.label if self.headings is Headings.LABELS else column.key for column in columns]


def encode_rows(rows: Rows, columns: Sequence[Column], options: FileOptions, *, is_first: bool) -> bytes:
    """Return a part of the file. Parts of a workbook are JSON lines until the file is finished."""
    match options.format:
        case FileFormat.CSV:
            heading = [options.heading_row(columns)] if is_first else []
            text = csv_text([*heading, *([_text(value) for value in row] for row in rows)])
        case FileFormat.XLSX:
            text = "".join(f"{compact_json(list(row))}\n" for row in rows)
        case FileFormat.JSONL:
            text = "".join(f"{compact_json(_record(columns, row))}\n" for row in rows)
        case FileFormat.LDIF:
            text = ("version: 1\n\n" if is_first else "") + "".join(_entry(columns, row) for row in rows)
    return text.encode()


def file_start(options: FileOptions) -> str:
    return BOM if options.format is FileFormat.CSV else ""


def finish_file(parts: bytes, columns: Sequence[Column], options: FileOptions) -> bytes:
    """Return the file of all parts."""
    if options.format is not FileFormat.XLSX:
        return parts
    file = io.BytesIO()
    _write_sheet(file, (json.loads(line) for line in io.BytesIO(parts)), columns, options)
    return file.getvalue()


def write_file(file: IO[bytes], batches: Iterable[Rows], columns: Sequence[Column], options: FileOptions) -> None:
    """Write the file batch by batch. A workbook needs a file that can be sought."""
    if options.format is FileFormat.XLSX:
        _write_sheet(file, (row for rows in batches for row in rows), columns, options)
        return
    file.write(file_start(options).encode())
    is_first = True
    for rows in batches:
        file.write(encode_rows(rows, columns, options, is_first=is_first))
        is_first = False
    if is_first:
        file.write(encode_rows([], columns, options, is_first=True))


def _write_sheet(
    file: IO[bytes], rows: Iterator[Sequence[Value]], columns: Sequence[Column], options: FileOptions
) -> None:
    cells = ([_text(value) if isinstance(value, list) else value for value in row] for row in rows)
    write_workbook(file, options.heading_row(columns), columns, cells)


def _text(value: Value) -> str:
    return join_names(value) if isinstance(value, list) else audit_text(value) or ""


def join_names(names: Iterable[str]) -> str:
    """Return the names in one cell. Names that contain a separator are in quotes."""
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""')) if _SEPARATORS.search(name) else name


def _record(columns: Sequence[Column], row: Sequence[Value]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for column, value in zip(columns, row, strict=True):
        if column.key.startswith(FIELD_PREFIX):
            record.setdefault("attributes", {})[column.key.removeprefix(FIELD_PREFIX)] = value
        else:
            record[column.key] = value
    return record


def _entry(columns: Sequence[Column], row: Sequence[Value]) -> str:
    """A list has a line for each name. Only a single name needs quotes, because a line can also have several."""
    fields: dict[str, list[str]] = {}
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, list):
            fields[column.key] = value if len(value) > 1 else [_quoted(name) for name in value]
        else:
            fields[column.key] = [_text(value)] if value not in (None, "") else []
    return ldif_entry(fields)
