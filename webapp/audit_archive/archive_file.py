"""Writes and reads the file of an archive: a header, lines with records, a trailer (docs/design/audit-archives.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO, cast

from webapp.audit.archive_models import AuditArchive, StoredHeads, to_heads
from webapp.audit.chain import RECORD_COLUMNS
from webapp.audit.chain_rows import shard_batches
from webapp.audit_archive.file_type import AUDIT_ARCHIVE, altered
from webapp.audit_archive.lines import parsed_lines, people_in, to_line
from webapp.audit_archive.person_keys import PersonKeys
from webapp.backups.archive import ArchiveWriter, Frame, Kind, read_frames
from webapp.backups.protection import PREAMBLE, is_encrypted
from webapp.backups.values import lines_of
from webapp.core.errors import Refused
from webapp.db.snapshots import snapshot
from webapp.version import VERSION

FORMAT = 1
BATCH_SIZE = 5000


@dataclass(frozen=True)
class Header:
    """`previous_hash` is the hash of the file before, or "". The other fields are those of AuditArchive."""

    format: int
    id: str
    number: int
    before: str
    records: int
    starts: StoredHeads
    ends: StoredHeads
    previous_hash: str
    rollcall: str
    columns: list[str]


def header_of(archive: AuditArchive, previous_hash: str) -> Header:
    return Header(
        format=FORMAT,
        id=archive.id.hex,
        number=archive.number,
        before=archive.before.isoformat(),
        records=archive.records,
        starts=archive.starts,
        ends=archive.ends,
        previous_hash=previous_hash,
        rollcall=VERSION,
        columns=[*RECORD_COLUMNS, "about", "by", "redacted_hash"],
    )


def write_archive(file: BinaryIO, header: Header, passphrase: str) -> None:
    """Write the records between `starts` and `ends` from one snapshot, with bounded memory."""
    with snapshot() as connection, ArchiveWriter(file, passphrase, AUDIT_ARCHIVE) as frames:
        frames.add_json(Kind.HEADER, asdict(header))
        rows, keys, written = frames.rows(), PersonKeys(), 0
        for shard, (end, _hash) in header.ends.items():
            first = int(header.starts[shard][0]) + 1
            for batch in shard_batches(connection, int(shard), first, int(end)):
                keys.create(people_in(batch), connection)
                rows.write("".join([to_line(row, keys) + "\n" for row in batch]).encode())
                written += len(batch)
        rows.flush()
        frames.add_json(Kind.TRAILER, {"records": written})
        frames.finish()


class ArchiveReader:
    """Reads a file from its start. After `batches` ended, `file_hash` and `size` are those of the whole file."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        file.seek(0)
        self._file = _HashingFile(file)
        preamble = file.read(PREAMBLE.size)
        file.seek(0)
        self._frames = read_frames(cast(BinaryIO, self._file), passphrase, AUDIT_ARCHIVE)
        self._first = next(self._frames)
        self.encrypted = is_encrypted(preamble)
        self.header = _header(self._first)

    def batches(self) -> Iterator[list[list[Any]]]:
        """Yield the values of the lines in batches. Raise Damaged at the first place that is not as it was written."""
        lines, count = lines_of(self._row_frames()), 0
        while batch := parsed_lines(list(islice(lines, BATCH_SIZE))):
            yield batch
            count += len(batch)
        if self._trailer.get("records") != count or count != self.header.records:
            raise altered()

    @property
    def file_hash(self) -> str:
        return self._file.digest.hexdigest()

    @property
    def size(self) -> int:
        return self._file.size

    def _row_frames(self) -> Iterator[bytes]:
        for kind, content in self._frames:
            if kind == Kind.TRAILER:
                self._trailer = _json(content)
            elif kind == Kind.ROWS:
                yield content
            else:
                raise altered()


class _HashingFile:
    """Hashes what is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self.size = 0

    def read(self, size: int) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        self.size += len(content)
        return content


def _header(frame: Frame) -> Header:
    if frame[0] != Kind.HEADER:
        raise altered()
    data = _json(frame[1])
    if int(data.get("format", 0)) > FORMAT:
        raise Refused(f"A newer Rollcall made this audit archive (version {data.get('rollcall')}).")
    try:
        header = Header(**data)
        is_numbered = isinstance(header.number, int) and isinstance(header.records, int)
        if not is_numbered or to_heads(header.ends).keys() != to_heads(header.starts).keys():
            raise altered()
        return header
    except (TypeError, ValueError, AttributeError):
        raise altered() from None


def _json(content: bytes) -> dict[str, Any]:
    try:
        data = json.loads(content)
    except ValueError:
        raise altered() from None
    if not isinstance(data, dict):
        raise altered()
    return data


def hash_of_file(file: BinaryIO) -> str:
    digest = sha256()
    while content := file.read(1 << 20):
        digest.update(content)
    return digest.hexdigest()
