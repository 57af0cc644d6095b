"""Recognises what a file is: container, encoding, layout, system and columns."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import IO

from webapp.attributes.models import Attribute
from webapp.core.errors import Invalid
from webapp.core.foreign_hashes import usable_hash
from webapp.core.texts import _
from webapp.imports.files import delimited, json_records, ldif_records, workbooks
from webapp.imports.files.encodings import SAMPLE, check_encoding, detect_encodings
from webapp.imports.files.headings import find_target
from webapp.imports.files.info import SAMPLES_MAX, FileInfo
from webapp.imports.files.layout import Layout
from webapp.imports.files.mapping import IGNORE, Mapping
from webapp.imports.files.records import Record
from webapp.imports.files.suggestions import IsKnown, Seen, attribute_targets, is_secret, suggest_mapping
from webapp.imports.files.systems import SYSTEMS, find_format, find_system

RECORDS_SEEN = 100
TEXT_SEEN_MAX = 200
TEXT_SHOWN_MAX = 80
_OTHER_FILES = {b"%PDF": "PDF", b"\x1f\x8b": "gzip", b"\x89PNG": "PNG", b"Rar!": "RAR", b"7z\xbc\xaf": "7-Zip"}
_JSON = re.compile(r'\[\s*[\[{\]]|\{\s*["}]')
_LDIF = re.compile(r"(?:#[^\n]*\n|\s)*(?:version:\s*\d|dn::?\s)", re.IGNORECASE)
_HIDDEN = "•••"
_READERS: dict[str, Callable[[IO[bytes], FileInfo], Generator[Record]]] = {
    "csv": delimited.records,
    "tsv": delimited.records,
    "json": json_records.records,
    "jsonl": json_records.records,
    "ldif": ldif_records.records,
    "xlsx": workbooks.records,
}


def raw_records(file: IO[bytes], info: FileInfo) -> Generator[Record]:
    return _READERS[info.container](file, info)


def recognise(
    file: IO[bytes],
    *,
    filename: str = "",
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    attributes: Sequence[Attribute] = (),
    is_known: IsKnown | None = None,
) -> FileInfo:
    """Return what the file is and what its columns mean. `attributes`: those that a column can have.

    `is_known`: returns whether there is a role or group (`roles`, `groups`) of a name. Columns of others are ignored.

    Raise Invalid if the file cannot be read at all. Use `mapping.check_mapping` to see whether rows can be read.
    """
    container, system = _chosen(format)
    size = file.seek(0, io.SEEK_END)
    known = attribute_targets(attributes)
    encodings: tuple[str, ...] = ("",)
    if container != "xlsx" and (container or not _is_workbook(file)):
        encodings = (check_encoding(encoding, file),) if encoding else detect_encodings(file, delimited.count_known)
        container = container or _text_container(file, encodings[0])
    if container == "tsv" or filename.casefold().endswith((".tsv", ".tab")):
        delimiter = delimiter or "\t"
    layout = _layout(file, container or "xlsx", encodings[0], delimiter, known)
    system = system or find_system(layout.headings) or ""
    info = FileInfo(
        format=system or layout.container,
        encoding=encodings[0],
        encodings=encodings,
        delimiter=layout.delimiter,
        headings=layout.headings,
        samples=(),
        mapping=Mapping(()),
        notes=layout.notes,
        first_row=layout.first_row,
        part=layout.part,
        container=layout.container,
        size=size,
        kinds={attribute.key: attribute.kind for attribute in attributes},
    )
    return _with_mapping(file, info, attributes, is_known)


def _chosen(format_: str | None) -> tuple[str, str]:
    """Return container and system of a format that people chose. Raise Invalid."""
    try:
        return find_format(format_) if format_ else ("", "")
    except KeyError:
        raise Invalid(_("Unknown format: %(name)s", name=(format_ or "")[:40]), field="format") from None


def _layout(file: IO[bytes], container: str, encoding: str, delimiter: str | None, known: Collection[str]) -> Layout:
    if container == "xlsx":
        return workbooks.find_layout(file, known)
    if container in {"json", "jsonl"}:
        return json_records.find_layout(file, encoding)
    if container == "ldif":
        return ldif_records.find_layout(file, encoding)
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n\x00 '):
        raise Invalid(_("The delimiter must be one character"), field="delimiter")
    return delimited.find_layout(file, encoding, delimiter, known)


def _is_workbook(file: IO[bytes]) -> bool:
    """Raise Invalid for common files that are neither a workbook nor text."""
    file.seek(0)
    start = file.read(8)
    for magic, name in _OTHER_FILES.items():
        if start.startswith(magic):
            message = _("This is a %(kind)s file. Export the people as CSV, XLSX, JSON or LDIF.", kind=name)
            raise Invalid(message)
    return start.startswith((b"PK\x03\x04", workbooks.OLE))


def _text_container(file: IO[bytes], encoding: str) -> str:
    """Return the container of a text file. Raise Invalid for HTML and XML."""
    file.seek(0)
    text = file.read(SAMPLE).decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        raise Invalid(_("This is a web page or XML. Export the people as CSV, XLSX, JSON or LDIF."))
    if _JSON.match(text):
        return "json"
    return "ldif" if _LDIF.match(text) else "csv"


def _with_mapping(
    file: IO[bytes], info: FileInfo, attributes: Sequence[Attribute], is_known: IsKnown | None
) -> FileInfo:
    """Add the suggested mapping, the samples and notes about both."""
    system = info.format if info.format in SYSTEMS else None
    columns = [Seen(heading, texts) for heading, texts in zip(info.headings, _texts(file, info), strict=True)]
    mapping = suggest_mapping(columns, attributes, system, info.container, is_known)
    samples = tuple(
        (_HIDDEN,)
        if is_secret(column) and seen.texts
        else tuple(text[:TEXT_SHOWN_MAX] for text in seen.texts[:SAMPLES_MAX])
        for column, seen in zip(mapping.columns, columns, strict=True)
    )
    return replace(info, mapping=mapping, samples=samples, notes=(*info.notes, *_notes(mapping, columns)))


def _texts(file: IO[bytes], info: FileInfo) -> list[list[str]]:
    """Return the first different values of each column."""
    found: list[dict[str, None]] = [{} for _heading in info.headings]
    with closing(raw_records(file, info)) as records:
        for record in islice(records, RECORDS_SEEN):
            for values, cell in zip(found, record.cells, strict=False):
                text = ", ".join(cell) if isinstance(cell, tuple) else cell
                if text:
                    values.setdefault(text if len(text) <= TEXT_SEEN_MAX else text[:TEXT_SEEN_MAX])
    return [list(values) for values in found]


def _notes(mapping: Mapping, columns: Sequence[Seen]) -> list[str]:
    notes = []
    access = [
        c.heading for c in mapping.columns if c.target == IGNORE and find_target(c.heading) in {"roles", "groups"}
    ]
    if access:
        message = _("Roles and groups that do not exist here are ignored: %(columns)s", columns=", ".join(access))
        notes.append(str(message))
    for column, seen in zip(mapping.columns, columns, strict=True):
        if column.target == "password_hash" and not any(map(usable_hash, seen.texts)) and seen.texts:
            notes.append(str(_("The password hashes cannot be used. These people need an invitation.")))
    return notes
