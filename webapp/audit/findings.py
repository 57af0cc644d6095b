"""The result of `audit verify`. `--json` prints these fields by their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

# A rewritten chain has one finding for each record.
FINDINGS_MAX = 1000


class Head(NamedTuple):
    """The last record of a shard."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Finding:
    """One problem. `kind` is a code for programs, `what` is a sentence. `id` is the record's ID, or empty."""

    kind: str
    shard: int
    seq: int
    id: str
    what: str


@dataclass
class Report:
    """The numbers of records, of records with erased details and of shards. `more`: there are more findings.

    `archived`: the number of records that are in archives. `unchecked_heads`: shards whose earlier head is archived.
    """

    records: int = 0
    erased: int = 0
    shards: int = 0
    archived: int = 0
    unchecked_heads: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: bool = False

    def add(self, kind: str, shard: int, seq: int, record_id: str, what: str) -> None:
        self.more = len(self.findings) == FINDINGS_MAX
        if not self.more:
            self.findings.append(Finding(kind, shard, seq, record_id, what))
