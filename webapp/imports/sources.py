"""The rows of a file, read one after another by the chunks of a job."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice
from typing import IO
from uuid import UUID

from webapp.core.context import current_registry
from webapp.imports.files import read_rows
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.models import Import
from webapp.imports.rows import PersonRow
from webapp.imports.uploads import open_upload

# Files that a process keeps open between chunks. Another process starts again at the beginning of the file, which takes
# 10 s for a million rows.
OPEN_MAX = 4


class RowSource:
    """The rows of a file. `position` is the number of rows that were taken and not given back."""

    def __init__(self, file: IO[bytes], imported: Import) -> None:
        self._file = file
        self.mapping = imported.mapping
        self._rows: Iterator[PersonRow] = iter(
            read_rows(file, FileInfo.from_json(imported.info), Mapping.from_json(imported.mapping))
        )
        self._returned: list[PersonRow] = []
        self.position = 0

    def take(self, number: int) -> list[PersonRow]:
        """Return the next rows, fewer only at the end of the file."""
        rows = self._returned[:number]
        del self._returned[:number]
        rows += islice(self._rows, number - len(rows))
        self.position += len(rows)
        return rows

    def give_back(self, rows: list[PersonRow]) -> None:
        self._returned[:0] = rows
        self.position -= len(rows)

    def skip(self, number: int) -> None:
        self.position += sum(1 for _row in islice(self._rows, number))

    def read_share(self, size: int) -> float:
        """Return the share of the file that was read, for the progress."""
        return min(1.0, self._file.tell() / size) if size else 1.0


class OpenSources:
    """Sources that chunks of jobs continue. A job has one chunk at a time, so no two threads share a source."""

    def __init__(self) -> None:
        self._sources: dict[UUID, RowSource] = {}
        self._lock = threading.Lock()

    def take_out(self, imported: Import) -> RowSource:
        """Return the source at the row after `planned_upto`. Put it back after the chunk."""
        with self._lock:
            source = self._sources.pop(imported.id, None)
        if source is None or source.position != imported.planned_upto or source.mapping != imported.mapping:
            source = RowSource(open_upload(imported.id, imported.size), imported)
            source.skip(imported.planned_upto)
        return source

    def put_back(self, imported: Import, source: RowSource) -> None:
        with self._lock:
            self._sources[imported.id] = source
            while len(self._sources) > OPEN_MAX:
                self._sources.pop(next(iter(self._sources)))

    def read_share(self, imported: Import) -> float:
        """Return the share of the file that was read, 0 if it is not open."""
        source = self._sources.get(imported.id)
        return source.read_share(imported.size) if source else 0


def open_sources() -> OpenSources:
    return current_registry().get(OpenSources)
