"""Which changes the caller can undo."""

from __future__ import annotations

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.undo import Undo, find_undo
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.web.guards import actor, can, check_confirmed

# Changes with these permissions require a recent password. Undoing them does, too.
SUDO_PERMISSIONS = {
    Permission.ROLES_GRANT,
    Permission.ROLES_MANAGE,
    Permission.SETTINGS_MANAGE,
    Permission.WEBHOOKS_MANAGE,
    Permission.IMPORTS_RUN,
    Permission.USERS_EXPORT,
}
# Undoing a restoration deletes the user, which requires a recent password. Undoing a merge may end roles.
SUDO_ACTIONS = {Action.USER_RESTORED, Action.MERGE_KEPT}


def allowed_actor(record: AuditRecord) -> Actor:
    """Return the caller as an actor. Raise Forbidden before an answer shows values that the caller cannot undo.

    People undo changes of themselves without a permission. An API token with some permissions of its owner does not.
    """
    undo = find_undo(record)
    by = actor()
    is_own = by.id == record.subject_id and by.scopes is None
    if undo is not None and not can(undo.permission) and not is_own:
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))
    if undo is not None and _is_sensitive(undo, record):
        check_confirmed()
    return by


def _is_sensitive(undo: Undo, record: AuditRecord) -> bool:
    """Whether undoing the record needs a recent password, as making the same change does."""
    return undo.permission in SUDO_PERMISSIONS or record.action in SUDO_ACTIONS or "email" in record.changes
