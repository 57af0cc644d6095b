"""Verifies every record against its hash chain (docs/design/audit-chain.md)."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.audit.archives import Anchor, archived_erasures, read_anchor
from webapp.audit.chain_check import ChainCheck
from webapp.audit.chain_rows import head_rows, record_batches, redaction_rows
from webapp.audit.findings import Head, Report
from webapp.audit.models import ERASURES_HASH, HEADS_HASH
from webapp.db.snapshots import snapshot


def heads() -> dict[int, Head]:
    """Return shard → last record. `verify` compares an older copy, to show whether a shard was rewritten."""
    with snapshot() as connection:
        return head_rows(connection)


def verify(*, earlier: Mapping[int, Head] | None = None, report: Report | None = None) -> Report:
    """Verify all present records, after those that are archived. `earlier` is an older result of `heads`.

    `report` is filled meanwhile, so that a caller who is interrupted knows what was verified.
    """
    report = report or Report()
    check_database(report, earlier or {})
    return report


def check_database(report: Report, earlier: Mapping[int, Head]) -> ChainCheck:
    """Fill `report` from one snapshot of the database, and return the check with what it learned."""
    with snapshot() as connection:
        current, anchor = head_rows(connection), read_anchor(connection)
        check = ChainCheck(report, earlier, anchor.heads if anchor else None)
        for person_id, redactions_hash in archived_erasures(connection):
            check.purged_ids.add(person_id)
            check.redaction_hashes[person_id] = redactions_hash
        for batch in record_batches(connection, check.starts):
            for row in batch:
                check.check_row(row)
        check.finish(current)
        check.check_redactions(redaction_rows(connection))
    if anchor:
        report.archived = sum(head.seq for head in anchor.heads.values())
        _check_anchor(check, anchor)
    return check


def _check_anchor(check: ChainCheck, anchor: Anchor) -> None:
    """Compare what the database says about archives with the record of the newest archive, which is in the chain."""
    recorded = check.archives.get(str(anchor.number))
    if recorded is None:
        what = f"the trail has no record of archive {anchor.number} (audit_archives)"
    elif recorded.get(HEADS_HASH) != anchor.heads_hash:
        what = f"the ends of archive {anchor.number} (audit_archives) are not those in its record"
    elif recorded.get(ERASURES_HASH) != anchor.erasures_hash:
        what = f"the archived erasures (audit_archived_erasures) are not those in the record of archive {anchor.number}"
    else:
        return
    check.report.add("anchor", 0, 0, "", what)
