"""Whether the trail is whole: goes along every chain, and finds what was edited, removed, put in or cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Select, Table, Text, Uuid, func, select, text, type_coerce
from sqlalchemy import cast as cast_to
from sqlalchemy.types import NullType

from webapp.audit.chain import DETAILS, FIELDS, RECORD_COLUMNS, SEALED, START, hash_of_details, hash_of_record
from webapp.audit.models import Action, AuditDetails, AuditHead, AuditRecord
from webapp.db.session import db
from webapp.db.types import Instant

READ_AT_ONCE = 5000
# So many findings are told: a chain that was rewritten has one for each of its records.
FINDINGS_MAX = 1000

_ACTION, _ACTOR, _SUBJECT = (SEALED.index(name) for name in ("action", "actor_id", "subject_id"))
_OWN = len(SEALED)
_KEPT = len(RECORD_COLUMNS)


class Head(NamedTuple):
    """Where a shard ends, or ended."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Finding:
    """What is wrong and where: `kind` is for programs, `what` for people; `id` is the record's, if there is one."""

    kind: str
    shard: int
    seq: int
    id: str
    what: str


@dataclass
class Report:
    """How many records there are, of how many the details were erased, and what is wrong; `more`: and more of it."""

    records: int = 0
    erased: int = 0
    shards: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: bool = False

    def add(self, kind: str, shard: int, seq: int, record_id: str, what: str) -> None:
        self.more = len(self.findings) == FINDINGS_MAX
        if not self.more:
            self.findings.append(Finding(kind, shard, seq, record_id, what))


def heads() -> dict[int, Head]:
    """Where every shard ends now. Kept elsewhere, it shows later that nothing before was rewritten."""
    with _snapshot() as connection:
        return _heads(connection)


def verify(*, earlier: Mapping[int, Head] | None = None) -> Report:
    """Checks all records as they are at this instant; `earlier` are heads that were kept elsewhere."""
    report = Report()
    with _snapshot() as connection:
        heads = _heads(connection)
        check = _Check(report, earlier or {})
        for rows in _rows(connection):
            for row in rows:
                check.row(row)
        check.end(heads)
    return report


class _Check:
    """Goes along the records, shard after shard."""

    def __init__(self, report: Report, earlier: Mapping[int, Head]) -> None:
        self.report = report
        self.earlier = earlier
        self.shard = -1
        # Of the record before.
        self.seq, self.hash = 0, START
        # The hash of the record before, unless that is missing.
        self.previous: str | None = START
        self.ends: dict[int, Head] = {}
        self.erased: list[tuple[Sequence[Any], int, int]] = []
        self.purged: set[str] = set()
        self.expected = Head(0, "")

    def row(self, row: Sequence[Any]) -> None:
        sealed = row[:_OWN]
        if isinstance(sealed[FIELDS], str):
            sealed = (*sealed[:FIELDS], _names_in(sealed[FIELDS]), *sealed[FIELDS + 1 :])
        shard, seq, details_hash, own_hash = row[_OWN:_KEPT]
        if shard != self.shard:
            self._begin(shard)
        if seq != self.seq + 1:
            self._gap(seq)
        if self.previous is not None:
            found = hash_of_record(self.previous, sealed, shard, seq, details_hash)
            if found != own_hash:
                self._edited(sealed[0], seq)
        self.seq, self.hash, self.previous = seq, own_hash, own_hash
        self._details(row, sealed, seq)
        if seq == self.expected.seq and own_hash != self.expected.hash:
            self._add(
                "rewritten", seq, sealed[0], "is not the record that ended the shard in the earlier list of heads"
            )

    def _begin(self, shard: int) -> None:
        self._leave()
        self.shard, self.seq, self.hash, self.previous = shard, 0, START, START
        self.expected = self.earlier.get(shard, Head(0, ""))

    def _leave(self) -> None:
        if self.shard >= 0:
            self.ends[self.shard] = Head(self.seq, self.hash)

    def _gap(self, seq: int) -> None:
        first, last = self.seq + 1, seq - 1
        what = f"records {first} to {last} of the shard are missing" if first < last else "this record is missing"
        self._add("removed", first, "", what)
        self.previous = None

    def _edited(self, record_id: str, seq: int) -> None:
        self._add(
            "edited",
            seq,
            record_id,
            "its columns, its hash or the hash of the record before it are not what was sealed",
        )

    def _details(self, row: Sequence[Any], sealed: Sequence[Any], seq: int) -> None:
        details = row[_KEPT:]
        if sealed[_ACTION] == Action.USER_PURGED:
            self.purged.add(sealed[_SUBJECT])
        self.report.records += 1
        if details[0] is None:
            self.report.erased += 1
            self.erased.append((sealed, self.shard, seq))
        elif hash_of_details(details) != row[_OWN + 2]:
            what = "who, what, from where or why (audit_details) is not what was sealed"
            self._add("details", seq, sealed[0], what)

    def end(self, heads: Mapping[int, Head]) -> None:
        self._leave()
        for shard in sorted(heads.keys() | self.ends.keys() | self.earlier.keys()):
            self.shard = shard
            self._ending(self.ends.get(shard, Head(0, START)), heads.get(shard), self.earlier.get(shard))
        for sealed, shard, seq in self.erased:
            if sealed[_SUBJECT] not in self.purged and sealed[_ACTOR] not in self.purged:
                self.shard = shard
                what = "its details are missing, and nobody whom it is about or who made it was erased"
                self._add("details_missing", seq, sealed[0], what)
        self.report.shards = len(self.ends)

    def _ending(self, last: Head, head: Head | None, earlier: Head | None) -> None:
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


@lru_cache(maxsize=1000)
def _names_in(fields: str) -> Any:
    """SQLite keeps the list as JSON, and there are few different ones."""
    return json.loads(fields)


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """One state of everything, whatever is written meanwhile, and no time limit."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
            for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0", "work_mem = '128MB'"):
                connection.execute(text(f"SET LOCAL {setting}"))
            # All rows are wanted, not the first ones soon.
            connection.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
        yield connection
        connection.rollback()


def _heads(connection: Connection) -> dict[int, Head]:
    rows = connection.execute(select(AuditHead.shard, AuditHead.seq, AuditHead.hash).order_by(AuditHead.shard))
    return {row.shard: Head(row.seq, row.hash) for row in rows}


def _rows(connection: Connection) -> Iterator[Sequence[Any]]:
    """RECORD_COLUMNS and DETAILS of all records as the driver reads them, chain after chain, some at a time."""
    statement = _read(postgresql=connection.dialect.name == "postgresql")
    streaming = connection.execution_options(stream_results=True, max_row_buffer=READ_AT_ONCE)
    yield from cast(Iterator[Sequence[Any]], streaming.execute(statement).partitions(READ_AT_ONCE))


def _read(*, postgresql: bool) -> Select[Any]:
    records, details = (cast(Table, model.__table__) for model in (AuditRecord, AuditDetails))
    columns: list[Any] = [records.c[name] for name in RECORD_COLUMNS] + [details.c[name] for name in DETAILS]
    if postgresql:
        columns = [_as_sealed(column) for column in columns]
    joined = records.outerjoin(details, details.c.record_id == records.c.id)
    plain: list[Any] = [type_coerce(column, NullType()) for column in columns]
    return select(*plain).select_from(joined).order_by(records.c.shard, records.c.seq)


def _as_sealed(column: Any) -> Any:
    """PostgreSQL writes ids and moments otherwise than they were hashed."""
    if isinstance(column.type, Uuid):
        return func.replace(cast_to(column, Text), "-", "")
    if isinstance(column.type, Instant):
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
    return column
