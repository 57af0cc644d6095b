"""The result of `audit verify`. Names of attributes are names of its JSON."""

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
    """One difference. `kind` is for programs, `what` is a sentence. `id` is the record's id, or empty."""

    kind: str
    shard: int
    seq: int
    id: str
    what: str


@dataclass
class Report:
    """Counts of records, of records with erased details and of shards. `more`: FINDINGS_MAX was reached."""

    records: int = 0
    erased: int = 0
    shards: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: bool = False

    def add(self, kind: str, shard: int, seq: int, record_id: str, what: str) -> None:
        self.more = len(self.findings) == FINDINGS_MAX
        if not self.more:
            self.findings.append(Finding(kind, shard, seq, record_id, what))
