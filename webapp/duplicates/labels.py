"""Labels of the fields of merges in the audit trail."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "merged_user": _("Merged account"),
    "kept_user": _("Account that stays"),
    "moved_roles": _("Roles moved"),
    "moved_groups": _("Groups moved"),
    "moved_notes": _("Notes moved"),
    "moved_references": _("Users who now name the account that stays"),
}
