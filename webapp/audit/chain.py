"""What a record's hash is made of.

Every shard is a chain of its own: a record's hash covers its own columns and the hash of the record before it in the
shard, so that none can be changed, taken out or put in without changing all that follow. What may be erased later,
because it is about a person, stands in the details, of which the record keeps a salted hash only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from webapp.db.types import json_text

HASH_LENGTH = 64
# What the first record of a shard follows.
START = "0" * HASH_LENGTH
# In the order in which they are hashed; then come shard, seq and details_hash.
SEALED = (
    "id",
    "at",
    "action",
    "actor_kind",
    "actor_id",
    "token_id",
    "subject_kind",
    "subject_id",
    "request_id",
    "fields",
    "undoes_id",
    "batch_id",
)
DETAILS = ("actor_label", "subject_label", "address", "changes", "reason", "salt")
RECORD_COLUMNS = (*SEALED, "shard", "seq", "details_hash", "hash")
DETAILS_COLUMNS = ("record_id", *DETAILS)
# Where the row of a record has a list.
FIELDS = RECORD_COLUMNS.index("fields")

Row = tuple[Any, ...]
# What the encoder of json itself puts texts between quotes with.
_quoted: Callable[[str], str] = encode_basestring


def hash_of_details(details: Sequence[str]) -> str:
    """SHA-256 of the values of DETAILS, as a JSON array; `changes` as the text of its JSON."""
    return sha256(f"[{','.join(map(_json, details))}]".encode()).hexdigest()


def hash_of_record(previous: str, sealed: Sequence[object], shard: int, seq: int, details_hash: str) -> str:
    """SHA-256 of the hash before and of a JSON array: the values of SEALED, shard, seq and details_hash.

    Ids are 32 hexadecimal digits, moments as `moment_text` has them, what is missing null.
    """
    before, after = around_seq(sealed, shard, details_hash)
    return sha256(f"{previous}{before}{seq}{after}".encode()).hexdigest()


def around_seq(sealed: Sequence[object], shard: int, details_hash: str) -> tuple[str, str]:
    """What is hashed, before and after `seq`: all that a writer knows before the shard is locked."""
    return f"[{','.join(map(_json, sealed))},{shard},", f',"{details_hash}"]'


def _json(value: object) -> str:
    """As `json_text` writes it, in half the time: to check the trail does it for ten million records."""
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return "null"
    return f"[{','.join(map(_json, value))}]" if isinstance(value, list) else json_text(value)


def moment_text(moment: datetime) -> str:
    """2026-11-24 09:01:00.123456, in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@dataclass
class Chain:
    """One shard, being written: `seq` and `hash` are of its last record."""

    shard: int
    seq: int = 0
    hash: str = START

    def seal(self, sealed: Sequence[object], details: Sequence[str]) -> tuple[Row, Row]:
        """Appends a record: the rows of RECORD_COLUMNS and DETAILS_COLUMNS."""
        details_hash = hash_of_details(details)
        self.seq += 1
        self.hash = hash_of_record(self.hash, sealed, self.shard, self.seq, details_hash)
        return (*sealed, self.shard, self.seq, details_hash, self.hash), (sealed[0], *details)
