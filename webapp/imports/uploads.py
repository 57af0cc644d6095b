"""The uploaded file: kept in parts that are sealed with SECRET_KEY, and read without a plain copy on the disk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from sqlalchemy import delete, insert, select

from webapp.core.context import current_settings
from webapp.core.errors import Gone, Refused
from webapp.core.sealing import seal_bytes, unseal_bytes
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import transaction
from webapp.imports.models import PART_BYTES, ImportFilePart

# One transaction writes this much, because others wait for it on SQLite.
PARTS_PER_TRANSACTION = 16
# Parts that a reader keeps. Workbooks are read in several places at once.
CACHED_PARTS = 4


class TooLarge(Refused):
    status = 413
    code = "too_large"


def too_large() -> TooLarge:
    size = current_settings().import_mb_max
    return TooLarge(_("Choose a file of at most %(size)s MB", size=size), field="file", code="too_large")


def save_parts(import_id: UUID, file: IO[bytes]) -> int:
    """Store the file in several transactions. Return its size. Raise TooLarge."""
    limit, size, number = current_settings().import_mb_max * 1024 * 1024, 0, 0
    parts = _parts(file)
    while batch := [part for _index, part in zip(range(PARTS_PER_TRANSACTION), parts, strict=False)]:
        size += sum(map(len, batch))
        if size > limit:
            raise too_large()
        rows = [
            {"import_id": import_id, "number": number + index, "content": seal_bytes(part)}
            for index, part in enumerate(batch)
        ]
        with transaction():
            db.session.execute(insert(ImportFilePart), rows)
        number += len(batch)
    return size


def delete_parts(import_id: UUID) -> None:
    statement = delete(ImportFilePart).where(ImportFilePart.import_id == import_id)
    db.session.execute(statement, execution_options=NO_SYNC)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(PART_BYTES):
        # A pipe gives less than it could.
        while len(part) < PART_BYTES and (more := file.read(PART_BYTES - len(part))):
            part += more
        yield part


def open_upload(import_id: UUID, size: int) -> io.BufferedReader:
    """Return the file, which is read from the database part by part. It is seekable."""
    return io.BufferedReader(_SealedFile(import_id, size), PART_BYTES)


class _SealedFile(io.RawIOBase):
    def __init__(self, import_id: UUID, size: int) -> None:
        super().__init__()
        self._import_id, self._size, self._position = import_id, size, 0
        self._cache: dict[int, bytes] = {}

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number, offset = divmod(self._position, PART_BYTES)
        if self._position >= self._size:
            return 0
        content = self._part(number)[offset : offset + len(buffer)]
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)

    def _part(self, number: int) -> bytes:
        if number not in self._cache:
            query = select(ImportFilePart.content).where(
                ImportFilePart.import_id == self._import_id, ImportFilePart.number == number
            )
            sealed = db.session.scalar(query)
            if sealed is None:
                raise Gone(_("The file was deleted. Choose it again."))
            while len(self._cache) >= CACHED_PARTS:
                self._cache.pop(next(iter(self._cache)))
            self._cache[number] = unseal_bytes(sealed)
        return self._cache[number]
