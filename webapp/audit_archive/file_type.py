"""The type of archive files, among the protected files of `backups`."""

from __future__ import annotations

from webapp.backups.protection import Damaged, FileType
from webapp.backups.protection import altered as _altered

AUDIT_ARCHIVE = FileType("audit archive", b"ROLLCALL-AUDIT-\n")


def altered() -> Damaged:
    return _altered(AUDIT_ARCHIVE)
