"""Compares records with their hash chain. Finds edited, removed and added records, and shards whose end was removed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any

from webapp.audit.actions import Action
from webapp.audit.chain import (
    FIELDS_INDEX,
    GENESIS_HASH,
    HASHED_COLUMNS,
    HASHED_DETAILS,
    RECORD_COLUMNS,
    hash_of_details,
    hash_of_record,
    redaction_text,
)
from webapp.audit.chain_rows import RedactionRow
from webapp.audit.findings import Head, Report
from webapp.audit.models import ARCHIVE_NUMBER, REDACTIONS_HASH

_ACTION, _ACTOR, _SUBJECT = (HASHED_COLUMNS.index(name) for name in ("action", "actor_id", "subject_id"))
_HASHED = len(HASHED_COLUMNS)
_RECORD = len(RECORD_COLUMNS)
_CHANGES = HASHED_DETAILS.index("changes")
_NO_HEAD = Head(0, GENESIS_HASH)


class ChainCheck:
    """Call `check_row` for each record, sorted by shard and seq. Then call `finish` once.

    `starts`: the record of each shard before the first one that is checked. `earlier`: an older list of heads.
    """

    def __init__(self, report: Report, earlier: Mapping[int, Head], starts: Mapping[int, Head] | None = None) -> None:
        self.report = report
        self.earlier = earlier
        self.starts = starts or {}
        self.shard = -1
        # The record before the current one.
        self.last = _NO_HEAD
        # Its hash, or None if records between it and the current one are missing.
        self.previous_hash: str | None = GENESIS_HASH
        self.ends: dict[int, Head] = {}
        # Records without details: (hashed values, shard, seq).
        self.without_details: list[tuple[Sequence[Any], int, int]] = []
        self.purged_ids: set[str] = set()
        # The hash of all redactions of an erasure, by the ID of the erased person.
        self.redaction_hashes: dict[str | None, str | None] = {}
        # The changes of the records about archives, by the number of the archive.
        self.archives: dict[str, dict[str, Any]] = {}

    def check_row(self, row: Sequence[Any]) -> None:
        """Check one record. `row` has the values of RECORD_COLUMNS and HASHED_DETAILS.

        Its last value is the hash of redacted details, or None.
        """
        hashed = row[:_HASHED]
        if isinstance(hashed[FIELDS_INDEX], str):
            hashed = (*hashed[:FIELDS_INDEX], _parse_fields(hashed[FIELDS_INDEX]), *hashed[FIELDS_INDEX + 1 :])
        shard, seq, details_hash, own_hash = row[_HASHED:_RECORD]
        if shard != self.shard:
            self._start_shard(shard)
        if seq != self.last.seq + 1:
            self._add_missing(seq)
        if self.previous_hash is not None:
            expected = hash_of_record(self.previous_hash, hashed, shard, seq, details_hash)
            if expected != own_hash:
                what = "its columns, its hash or the hash of the record before it were changed"
                self._add("edited", seq, hashed[0], what)
        self.last, self.previous_hash = Head(seq, own_hash), own_hash
        self._check_details(row[_RECORD:-1], details_hash, row[-1], hashed, seq)
        earlier = self.earlier.get(shard)
        if earlier is not None and seq == earlier.seq and own_hash != earlier.hash:
            what = "is not the last record of the shard in the earlier list of heads"
            self._add("rewritten", seq, hashed[0], what)

    def finish(self, heads: Mapping[int, Head]) -> None:
        """Compare the ends of the shards with `heads`, and report details that are missing without an erasure."""
        self._end_shard()
        for shard in sorted(heads.keys() | self.ends.keys() | self.earlier.keys() | self.starts.keys()):
            self.shard = shard
            self._check_end(self.ends.get(shard, self._start_of(shard)), heads.get(shard), self.earlier.get(shard))
            self._check_earlier_start(self._start_of(shard), self.earlier.get(shard))
        for hashed, shard, seq in self.without_details:
            if hashed[_SUBJECT] not in self.purged_ids and hashed[_ACTOR] not in self.purged_ids:
                self.shard = shard
                what = "its details are missing, but neither its subject nor its actor was erased"
                self._add("details_missing", seq, hashed[0], what)
        self.report.shards = len(self.ends)

    def check_redactions(self, rows: Iterable[RedactionRow]) -> None:
        """Compare the redactions of each actor, in the order of `redaction_rows`, with the record of the erasure."""
        for actor_id, redactions in groupby(rows, attrgetter("actor_id")):
            digest, first = sha256(), None
            for row in redactions:
                first = first or row
                digest.update(redaction_text(row.record_id, row.details_hash))
            if first and digest.hexdigest() != self.redaction_hashes.get(actor_id):
                self.shard = first.shard
                what = "the redacted details of its actor (audit_redactions) do not match the record of the erasure"
                self._add("details", first.seq, first.record_id, what)

    def _start_shard(self, shard: int) -> None:
        self._end_shard()
        self.shard, self.last = shard, self._start_of(shard)
        self.previous_hash = self.last.hash

    def _start_of(self, shard: int) -> Head:
        return self.starts.get(shard, _NO_HEAD)

    def _check_earlier_start(self, start: Head, earlier: Head | None) -> None:
        """Compare an earlier head that is not among the records."""
        if earlier is None or earlier.seq > start.seq or not start.seq:
            return
        if earlier.seq < start.seq:
            self.report.unchecked_heads += 1
        elif earlier.hash != start.hash:
            what = "is not the last record of the shard in the earlier list of heads"
            self._add("rewritten", start.seq, "", what)

    def _end_shard(self) -> None:
        if self.shard >= 0:
            self.ends[self.shard] = self.last

    def _add_missing(self, seq: int) -> None:
        first, last = self.last.seq + 1, seq - 1
        what = f"records {first} to {last} of the shard are missing" if first < last else "this record is missing"
        self._add("removed", first, "", what)
        self.previous_hash = None

    def _check_details(
        self, details: Sequence[Any], details_hash: str, redacted_hash: str | None, hashed: Sequence[Any], seq: int
    ) -> None:
        if hashed[_ACTION] == Action.USER_PURGED:
            self.purged_ids.add(hashed[_SUBJECT])
            self.redaction_hashes[hashed[_SUBJECT]] = redactions_hash_in(details[_CHANGES])
        elif hashed[_ACTION] == Action.AUDIT_ARCHIVED and details[_CHANGES]:
            changes = {name: pair[1] for name, pair in json.loads(details[_CHANGES]).items()}
            self.archives[str(changes.get(ARCHIVE_NUMBER))] = changes
        self.report.records += 1
        if details[0] is None:
            self.report.erased += 1
            self.without_details.append((hashed, self.shard, seq))
        elif hash_of_details(details) != (redacted_hash or details_hash):
            what = "its details (audit_details) were changed"
            self._add("details", seq, hashed[0], what)

    def _check_end(self, last: Head, head: Head | None, earlier: Head | None) -> None:
        if head is None:
            if last.seq:
                self._add("head", last.seq, "", "the shard has no head (audit_heads)")
        elif last.seq < head.seq:
            self._add("cut_off", last.seq + 1, "", f"the shard ends at {last.seq}, its head says {head.seq}")
        elif last.seq > head.seq:
            self._add("added", head.seq + 1, "", f"the shard ends at {last.seq}, its head says {head.seq}")
        elif last.hash != head.hash:
            self._add("head", last.seq, "", "the head (audit_heads) has another hash than the shard's last record")
        if earlier is not None and last.seq < earlier.seq:
            what = f"the shard ends at {last.seq}, the earlier list of heads says {earlier.seq}"
            self._add("cut_off", last.seq + 1, "", what)

    def _add(self, kind: str, seq: int, record_id: str, what: str) -> None:
        self.report.add(kind, self.shard, seq, record_id, what)


def redactions_hash_in(changes: str | None) -> str | None:
    """Return the hash in the changes of a record `user.purged`."""
    found: list[str | None] = json.loads(changes or "{}").get(REDACTIONS_HASH, [None, None])
    return found[1]


@lru_cache(maxsize=1000)
def _parse_fields(fields: str) -> Any:
    """Parse the list of fields, which SQLite stores as JSON. The cache works because there are few different lists."""
    return json.loads(fields)
