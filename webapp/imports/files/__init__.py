"""Recognises and reads files with people. Both functions read the file from its start; it must be seekable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from webapp.attributes.models import Attribute
from webapp.imports.files import delimited
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.files.persons import person_rows
from webapp.imports.rows import PersonRow


def recognise(
    file: IO[bytes],
    *,
    filename: str = "",
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    attributes: Iterable[Attribute] = (),
) -> FileInfo:
    """Return what the file is and what its columns mean. `attributes`: those that a column can have.

    Raise Invalid if the file cannot be read at all. Use `mapping.check_mapping` to see whether rows can be read.
    """
    return delimited.recognise(file, encoding=encoding, delimiter=delimiter, attributes=list(attributes))


def read_rows(file: IO[bytes], info: FileInfo, mapping: Mapping) -> Iterator[PersonRow]:
    """Yield the rows one by one. A row that cannot be used has `problems`. Raise Invalid if the file has changed."""
    return person_rows(delimited.records(file, info), info, mapping)
