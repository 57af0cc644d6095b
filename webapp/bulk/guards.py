"""Which bulk changes the viewer can see, and which they can continue."""

from __future__ import annotations

from uuid import UUID

from flask_login import current_user

from webapp.bulk.actions import ACTIONS, BulkAction
from webapp.bulk.models import BulkChange
from webapp.bulk.queries import get_change
from webapp.core.errors import Forbidden, Stale
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.web.guards import can


def visible_requester_id() -> UUID | None:
    """Return the person whose bulk changes the viewer can see: themselves, or None for everyone.

    People who see only some groups do not see changes of others, whose people they may not know.
    """
    sees_everyone = can(Permission.JOBS_READ) and can(Permission.USERS_READ, everywhere=True)
    return None if sees_everyone else current_user.id


def get_visible_change(bulk_id: UUID) -> BulkChange:
    """Raise NotFound if the viewer cannot see it."""
    return get_change(bulk_id, requested_by_id=visible_requester_id())


def get_own_change(bulk_id: UUID) -> tuple[BulkChange, BulkAction]:
    """Return a bulk change that the viewer can continue.

    Raise Forbidden if someone else started it, or if the viewer no longer has the permission for its action.
    """
    bulk = get_visible_change(bulk_id)
    if not is_own(bulk):
        raise Forbidden(_("Only the person who started this change can continue it"))
    action = ACTIONS[bulk.action]
    check_permission(action)
    return bulk, action


def check_is_idle(*, is_running: bool) -> None:
    """Raise Stale while a job works on the rows of a bulk change or an import."""
    if is_running:
        raise Stale(_("A job is working on this change. Try again later."))


def is_own(bulk: BulkChange) -> bool:
    return bool(bulk.requested_by_id == current_user.id)


def check_permission(action: BulkAction) -> None:
    if not can(action.permission):
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))
