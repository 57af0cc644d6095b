"""Checks of who may import people, and who may continue an import."""

from __future__ import annotations

from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.imports.models import Import
from webapp.imports.queries import import_not_found, lock_import


def check_may_import(by: Actor) -> None:
    if not powers_of_actor(by).can(Permission.IMPORTS_RUN):
        raise may_not_import()


def may_not_import() -> Forbidden:
    return Forbidden(_("You do not have permission to do this. An owner can do this."))


def lock_own(import_id: UUID, by: Actor) -> Import:
    """Lock an import that `by` started and may continue. Raise NotFound or Forbidden."""
    return check_own(lock_import(import_id), by)


def check_own(imported: Import | None, by: Actor) -> Import:
    """Return the import. Raise NotFound if it is None, Forbidden if `by` did not start it or may no longer import."""
    if imported is None:
        raise import_not_found()
    if imported.requested_by_id != by.id:
        raise Forbidden(_("Only the person who started this import can continue it"))
    check_may_import(by)
    return imported
