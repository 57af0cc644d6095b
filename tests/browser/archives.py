"""Archives of the audit trail for screenshots and browser tests. Their files do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

from webapp.audit.archive_models import AuditArchive
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction

BEFORE = [datetime(2019, month, 1, tzinfo=UTC) for month in (9, 10, 11)]


@transaction()
def create_archives() -> None:
    """Create two complete archives and one that is being written. They are older than all pages of past days."""
    for number, before in enumerate(BEFORE, 1):
        is_sealed = number < len(BEFORE)
        db.session.add(
            AuditArchive(
                number=number,
                path=f"/archives/rollcall-{number:04}-{before:%Y%m%d}.audit",
                before=before,
                records=number * 412_386,
                starts={},
                ends={},
                encrypted=number == 1,
                size=number * 91_234_567 if is_sealed else None,
                file_hash="0" * 64 if is_sealed else None,
                sealed_at=now() if is_sealed else None,
                finished_at=now() if number == 1 else None,
            )
        )
