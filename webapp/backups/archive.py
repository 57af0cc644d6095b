"""The file format of backups and of audit archives: a preamble, then compressed and protected frames.

docs/design/backups.md describes it.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from enum import IntEnum
from types import TracebackType
from typing import Any, BinaryIO, Self

from webapp.backups.protection import (
    BACKUP,
    PREAMBLE,
    Damaged,
    FileType,
    Protection,
    altered,
    new_protection,
    protection_of,
)

FRAME = struct.Struct(">IB")
# Bytes of a frame before its compression, and the most that a frame of a file may have.
FRAME_SIZE = 1 << 20
FRAME_MAX = 4 * FRAME_SIZE
# Level 6, the default of zlib and pg_dump, takes twice as long for 5 % less.
LEVEL = 3
# Frames that are compressed or decompressed ahead, by this number of threads.
THREADS, AHEAD = 2, 4


class Kind(IntEnum):
    """What a frame holds: JSON, the name of a table, rows of this table, JSON."""

    HEADER = 0
    TABLE = 1
    ROWS = 2
    TRAILER = 3


Frame = tuple[Kind, bytes]


class ArchiveWriter:
    """Writes frames to `file`. Threads compress them, and they are written in order."""

    def __init__(self, file: BinaryIO, passphrase: str, file_type: FileType = BACKUP) -> None:
        preamble, self._protection = new_protection(passphrase, file_type)
        self._file = file
        self._pool = ThreadPoolExecutor(THREADS)
        self._pending: deque[tuple[Kind, Future[bytes]]] = deque()
        file.write(preamble)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add_json(self, kind: Kind, data: dict[str, Any]) -> None:
        self.add(kind, json.dumps(data, ensure_ascii=False).encode())

    def add(self, kind: Kind, content: bytes) -> None:
        self._pending.append((kind, self._pool.submit(zlib.compress, content, LEVEL)))
        if len(self._pending) > AHEAD:
            self._write_next()

    def rows(self) -> io.BufferedWriter:
        """Return a stream for the rows of the last table. Flush it at their end."""
        return io.BufferedWriter(_RowStream(self), FRAME_SIZE)

    def finish(self) -> None:
        while self._pending:
            self._write_next()

    def _write_next(self) -> None:
        kind, compressed = self._pending.popleft()
        sealed = self._protection.seal(kind, compressed.result())
        self._file.write(FRAME.pack(len(sealed), kind))
        self._file.write(sealed)


class _RowStream(io.RawIOBase):
    """Makes frames of rows from what is written to it."""

    def __init__(self, archive: ArchiveWriter) -> None:
        super().__init__()
        self._archive = archive

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        with memoryview(data) as view:
            for start in range(0, len(view), FRAME_SIZE):
                self._archive.add(Kind.ROWS, bytes(view[start : start + FRAME_SIZE]))
            return len(view)


def read_frames(file: BinaryIO, passphrase: str, file_type: FileType = BACKUP) -> Iterator[Frame]:
    """Yield all frames. Raise Damaged at the first one that is not as it was written, or if the file is cut off."""
    protection = protection_of(file.read(PREAMBLE.size), passphrase, file_type)
    with ThreadPoolExecutor(THREADS) as pool:
        pending: deque[tuple[Kind, Future[bytes]]] = deque()
        for kind, payload in _payloads(file, protection, file_type):
            pending.append((kind, pool.submit(_decompress, payload, file_type)))
            if len(pending) > AHEAD:
                first, content = pending.popleft()
                yield first, content.result()
        for kind, content in pending:
            yield kind, content.result()


def _payloads(file: BinaryIO, protection: Protection, file_type: FileType) -> Iterator[Frame]:
    kind = None
    while kind != Kind.TRAILER:
        size, number = FRAME.unpack(_exactly(file, FRAME.size, file_type))
        if size > FRAME_MAX or number not in set(Kind):
            raise altered(file_type)
        kind = Kind(number)
        yield kind, protection.open(kind, _exactly(file, size, file_type))
    if file.read(1):
        raise altered(file_type)


def _exactly(file: BinaryIO, size: int, file_type: FileType) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise Damaged(f"This {file_type.name} is cut off: its end is missing. Nothing was changed.")
    return content


def _decompress(payload: bytes, file_type: FileType) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        content = decompressor.decompress(payload, FRAME_MAX)
    except zlib.error:
        raise altered(file_type) from None
    if not decompressor.eof:
        raise altered(file_type)
    return content
