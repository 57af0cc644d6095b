"""Which imports the viewer can see, and which they can continue. The rules are those of bulk changes."""

from __future__ import annotations

from uuid import UUID

from flask_login import current_user

from webapp.bulk.guards import visible_requester_id
from webapp.core.errors import Forbidden
from webapp.core.texts import _
from webapp.imports.models import Import
from webapp.imports.queries import get_import


def get_visible_import(import_id: UUID) -> Import:
    """Raise NotFound if the viewer cannot see it."""
    return get_import(import_id, requested_by_id=visible_requester_id())


def get_own_import(import_id: UUID) -> Import:
    """Raise NotFound, or Forbidden if someone else started it."""
    imported = get_visible_import(import_id)
    if not is_own(imported):
        raise Forbidden(_("Only the person who started this import can continue it"))
    return imported


def is_own(imported: Import) -> bool:
    return bool(imported.requested_by_id == current_user.id)
