"""Recognises and reads files with people. Both functions read the file from its start; it must be seekable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from io import SEEK_END, UnsupportedOperation
from typing import IO

from webapp.imports.files.info import FileInfo, changed
from webapp.imports.files.mapping import Mapping
from webapp.imports.files.persons import person_rows
from webapp.imports.files.recognising import raw_records, recognise
from webapp.imports.files.references import email_finder
from webapp.imports.rows import PersonRow

__all__ = ["read_rows", "recognise"]


def read_rows(file: IO[bytes], info: FileInfo, mapping: Mapping) -> Iterator[PersonRow]:
    """Yield the rows one by one. A row that cannot be used has `problems`.

    Raise Invalid if the file is not the one of `info`, or changes meanwhile, also after the last row.
    """
    version = _version(file, info)
    find_email = email_finder(lambda: raw_records(file, info), info, mapping)
    with closing(raw_records(file, info)) as records:
        yield from person_rows(records, info, mapping, find_email)
    if _version(file, info) != version:
        raise changed()


def _version(file: IO[bytes], info: FileInfo) -> float:
    """Return when the file was changed, or 0 if it is in memory. Raise Invalid if its size is not that of `info`."""
    if file.seek(0, SEEK_END) != info.size:
        raise changed()
    try:
        return os.fstat(file.fileno()).st_mtime_ns
    except (UnsupportedOperation, AttributeError, OSError):
        return 0
