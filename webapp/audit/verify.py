"""Verifies every record against its hash chain (docs/design/audit-chain.md)."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.audit.chain_check import ChainCheck
from webapp.audit.chain_rows import head_rows, record_batches
from webapp.audit.findings import Head, Report
from webapp.db.snapshots import snapshot


def heads() -> dict[int, Head]:
    """Return shard → last record. `verify` compares an older copy, to show whether a shard was rewritten."""
    with snapshot() as connection:
        return head_rows(connection)


def verify(*, earlier: Mapping[int, Head] | None = None, report: Report | None = None) -> Report:
    """Verify all present records. `earlier` is an older result of `heads` that was stored elsewhere.

    `report` is filled meanwhile, so that a caller who is interrupted knows what was verified.
    """
    report = report or Report()
    with snapshot() as connection:
        current = head_rows(connection)
        check = ChainCheck(report, earlier or {})
        for batch in record_batches(connection):
            for row in batch:
                check.check_row(row)
        check.finish(current)
    return report
