"""The only entry point to creating and changing scheduled exports. For other changes see `recurring/services.py`."""

from __future__ import annotations

from typing import Any, Unpack
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.audit.services import difference
from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat
from webapp.bulk.requester import save_token
from webapp.core.clock import now
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _, language
from webapp.db.transactions import transaction
from webapp.recurring.services import add_row, check_may_add, locked_row, save_changes
from webapp.scheduled_exports.checks import ExportValues, check_columns, check_values, checked_target
from webapp.scheduled_exports.kind import EXPORTS, audited
from webapp.scheduled_exports.models import KEEP_DEFAULT, ScheduledExport, Target

DEFAULTS: dict[str, Any] = {
    "format": FileFormat.CSV.value,
    "headings": Headings.LABELS.value,
    "target": Target.MAIL.value,
    "keep": KEEP_DEFAULT,
}
_COLUMNS = ("name", "columns", "format", "headings", "target", "keep", "time_of_day", "timezone", "weekday", "locale")


def create_export(*, by: Actor, **values: Unpack[ExportValues]) -> ScheduledExport:
    """Create a scheduled export of `by`. Raise Invalid, Forbidden, or WrongState if they have too many."""
    checked: ExportValues = {"address": "", **check_values(values)}
    with transaction():
        check_may_add(EXPORTS, by)
        export = ScheduledExport(version=1, locale=language(), requested_by_id=by.id, **DEFAULTS)
        save_token(export, by)
        _set_values(export, checked, by=by)
        add_row(EXPORTS, export, by=by)
    return export


def update_export(
    export_id: UUID, *, by: Actor, version: int | None = None, **values: Unpack[ExportValues]
) -> ScheduledExport:
    """Change what is given. Only the owner can, because the file has what they may see.

    Raise Invalid, Forbidden, or Stale if it was changed after `version`.
    """
    checked = check_values(values)
    with transaction():
        export = locked_row(EXPORTS, export_id, by=by, version=version)
        before = audited(export)
        _set_values(export, checked, by=by)
        save_token(export, by)
        if changes := difference(before, audited(export)):
            save_changes(EXPORTS, export, changes, by=by)
    return export


def check_may_export(by: Actor, target: str) -> None:
    """Raise Forbidden. Everyone who can read the folder gets its files, so it needs the permission everywhere."""
    powers = powers_of_actor(by)
    is_allowed = powers.can(Permission.USERS_EXPORT)
    if target == Target.FOLDER:
        is_allowed = Permission.USERS_EXPORT in powers.everywhere
    if not is_allowed:
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))


def _set_values(export: ScheduledExport, values: ExportValues, *, by: Actor) -> None:
    for name, value in values.items():
        if name in _COLUMNS:
            setattr(export, name, value)
    export.list_address = values.get("address", export.list_address)
    check_columns(export.columns, export.format)
    checked_target(export.target)
    check_may_export(by, export.target)
    if not export.paused_at:
        export.next_run_at = export.run_after(now())
