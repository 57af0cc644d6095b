"""Labels of the fields of backups in the audit trail."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "backup": _("Backup"),
    "backup_created_at": _("Data of the backup"),
}
