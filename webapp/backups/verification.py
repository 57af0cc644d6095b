"""Reads a whole backup and checks it, without a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from webapp.backups.archive import Frame, Kind, read_frames
from webapp.backups.contents import Header
from webapp.backups.protection import PREAMBLE, altered, is_encrypted


@dataclass(frozen=True)
class Summary:
    """What a verified backup contains. `rows`: the number of rows of each table. `size`: the bytes of the file."""

    header: Header
    rows: dict[str, int]
    encrypted: bool
    size: int

    def to_json(self) -> dict[str, Any]:
        header = self.header
        return {
            "created_at": header.created_at,
            "rollcall": header.rollcall,
            "engine": header.engine,
            "migration": header.migration,
            "encrypted": self.encrypted,
            "size": self.size,
            "people": self.rows.get("users", 0),
            "rows": self.rows,
        }


def read_summary(file: BinaryIO, passphrase: str) -> Summary:
    """Read the file from its start to its end. Raise Refused if it is cut off, altered or cannot be decrypted."""
    file.seek(0)
    preamble = file.read(PREAMBLE.size)
    file.seek(0)
    frames = read_frames(file, passphrase)
    header = Header.from_json(_json(next(frames), Kind.HEADER))
    counted, trailer = _count_rows(frames, {table.name for table in header.tables})
    if trailer.get("rows") != counted:
        raise altered()
    return Summary(header, counted, is_encrypted(preamble), file.tell())


def _count_rows(frames: Iterator[Frame], tables: set[str]) -> tuple[dict[str, int], dict[str, Any]]:
    """Return the number of rows by table, and the trailer."""
    counts: dict[str, int] = {}
    table = ""
    for kind, content in frames:
        if kind == Kind.TRAILER:
            return counts, _json((kind, content), Kind.TRAILER)
        if kind == Kind.TABLE:
            table = content.decode(errors="replace")
            if table not in tables or table in counts:
                raise altered()
            counts[table] = 0
        elif kind == Kind.ROWS and table:
            counts[table] += content.count(b"\n")
        else:
            raise altered()
    raise altered()


def _json(frame: Frame, kind: Kind) -> dict[str, Any]:
    if frame[0] != kind:
        raise altered()
    try:
        data = json.loads(frame[1])
    except ValueError:
        raise altered() from None
    if not isinstance(data, dict):
        raise altered()
    return data
