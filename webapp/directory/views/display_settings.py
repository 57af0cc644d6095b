"""Changes how the list of users is shown to one person: columns, density, rows on a page, start view."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import update

from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.directory.display import COLUMN_LABELS, Display, check_display
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import get_view
from webapp.users.models import User
from webapp.users.services import lock_user


@transaction()
def set_start_view(view_id: UUID | None, *, by: Actor) -> None:
    """Open the list of the acting user with this view; without a view if it is None. Raise NotFound."""
    user = lock_user(acting_user_id(by))
    display = Display.of(user)
    new_name = get_view(view_id, user_id=user.id).name if view_id else None
    if display.view == view_id:
        return
    old_view = db.session.get(SavedView, display.view) if display.view else None
    save_display(user, replace(display, view=view_id))
    changes: Changes = {"default_view": (old_view.name if old_view else None, new_name)}
    record(Action.USER_UPDATED, subject=user, by=by, changes=changes, own=True)


@transaction()
def set_display(
    *, columns: Collection[str], density: str, limit: int, by: Actor, offered: Collection[str] = tuple(COLUMN_LABELS)
) -> None:
    """Save how the acting user sees the list. Raise Invalid if a column is not `offered` or a value is not allowed."""
    check_display(columns=columns, density=density, limit=limit, offered=offered)
    user = lock_user(acting_user_id(by))
    old = Display.of(user)
    new = replace(old, columns=tuple(name for name in offered if name in columns), density=density, limit=limit)
    changes = difference(_audited_display(old), _audited_display(new))
    if changes:
        save_display(user, new)
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes, own=True)


def acting_user_id(by: Actor) -> UUID:
    """Raise Forbidden for commands and schedules: only users have views and display settings."""
    if by.id is None:
        raise Forbidden(_("Only a user can have views"))
    return by.id


def save_display(user: User, display: Display) -> None:
    """Write the settings without a new version of the user: an open form of the same user stays valid."""
    values = {"list_settings": display.settings, "updated_at": User.updated_at}
    db.session.execute(update(User).where(User.id == user.id).values(values))


def _audited_display(display: Display) -> dict[str, Any]:
    return {
        "list_columns": list(display.columns),
        "list_density": display.density,
        "list_limit": str(display.limit),
    }
