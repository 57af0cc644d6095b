"""The only entry point to a change of saved views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict, Unpack
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.errors import Forbidden, Invalid, Stale, Taken
from webapp.core.permissions import Actor, Permission
from webapp.core.text import caseless_key, clean_text, fold_text
from webapp.core.texts import _, pgettext
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.directory.display import Display
from webapp.directory.views.addresses import validate_address
from webapp.directory.views.display_settings import acting_user_id, save_display
from webapp.directory.views.models import KEY_MAX, NAME_MAX, VIEWS_MAX, SavedView
from webapp.directory.views.queries import count_own_views, view_not_found
from webapp.users.models import User
from webapp.users.services import lock_user


class ViewChanges(TypedDict, total=False):
    """New values of a view. Fields that are left out stay as they are."""

    name: str
    address: str
    shared: bool


@transaction()
def save_view(*, name: str, address: str, by: Actor, shared: bool = False) -> SavedView:
    """Create a view of the acting user. Raise Invalid, Taken, or Forbidden if they may not share views."""
    values: ViewChanges = {"name": name, "address": address, "shared": shared}
    return _add_view(SavedView(), values, Action.VIEW_CREATED, by=by)


@transaction()
def change_view(
    view_id: UUID, *, by: Actor, version: int | None = None, **new_values: Unpack[ViewChanges]
) -> SavedView:
    """Change a view of the acting user. Raise Stale if `version` is not the current one. None accepts any."""
    view = _lock_own_view(view_id, by=by)
    _check_version(view, version)
    before = audited_view(view)
    for column, value in _validate(new_values).items():
        setattr(view, column, value)
    # Before any query, which would flush the changes without translating a violated constraint.
    _flush()
    changes = difference(before, audited_view(view))
    # Changing a shared view changes it for others. Ending the sharing needs no permission.
    if view.shared and changes:
        _check_may_share(by)
    if changes:
        _record(Action.VIEW_UPDATED, view, changes, by)
    return view


@transaction()
def stop_sharing(view_id: UUID, *, by: Actor) -> SavedView:
    """Hide a shared view from everyone except its owner. Idempotent.

    The owner may do this, and everyone who may share views.
    """
    view = _lock_visible_view(view_id, user_id=acting_user_id(by))
    if view.owner_id != by.id:
        _check_may_share(by)
    if view.shared:
        view.shared = False
        _record(Action.VIEW_UPDATED, view, {"shared": ("yes", "no")}, by)
    return view


@transaction()
def delete_view(view_id: UUID, *, by: Actor, version: int | None = None) -> SavedView:
    """Delete a view of the acting user. If it is their start view, their list starts with everyone again.

    Raise Stale if `version` is not the current one. None accepts any.
    """
    view = _lock_own_view(view_id, by=by)
    _check_version(view, version)
    owner = db.session.get_one(User, view.owner_id)
    display = Display.of(owner)
    if display.view == view_id:
        save_display(owner, replace(display, view=None))
    changes: Changes = {name: (value, None) for name, value in audited_view(view).items()}
    _record(Action.VIEW_DELETED, view, changes, by)
    db.session.delete(view)
    return view


@transaction()
def restore_view(view_id: UUID, audited: Mapping[str, Any], *, by: Actor) -> SavedView:
    """Create a deleted view again, under its old ID. `audited` is from `audited_view`. Raise as `save_view` does."""
    values: ViewChanges = {
        "name": audited["name"],
        "address": audited["address"],
        "shared": audited["shared"] == "yes",
    }
    return _add_view(SavedView(id=view_id), values, Action.VIEW_RESTORED, by=by)


def audited_view(view: SavedView) -> dict[str, str]:
    """Return the fields that the audit trail keeps."""
    return {"name": view.name, "address": view.address, "shared": "yes" if view.shared else "no"}


def _add_view(view: SavedView, values: ViewChanges, action: Action, *, by: Actor) -> SavedView:
    # The lock makes two simultaneous requests of one user count each other's view.
    owner = lock_user(acting_user_id(by))
    if values.get("shared"):
        _check_may_share(by)
    for column, value in _validate(values).items():
        setattr(view, column, value)
    if count_own_views(owner.id) >= VIEWS_MAX:
        raise Invalid(
            _("You can have at most %(max)s views. Delete one first.", max=VIEWS_MAX), field="name", code="too_many"
        )
    view.owner_id = owner.id
    db.session.add(view)
    _flush()
    _record(action, view, difference({}, audited_view(view)), by)
    return view


def _lock_own_view(view_id: UUID, *, by: Actor) -> SavedView:
    """Raise NotFound, or Forbidden if another user shares this view."""
    user = lock_user(acting_user_id(by))
    view = _lock_visible_view(view_id, user_id=user.id)
    if view.owner_id != user.id:
        raise Forbidden(_("This view belongs to someone else. Save it as your own view."))
    return view


def _lock_visible_view(view_id: UUID, *, user_id: UUID) -> SavedView:
    view = db.session.get(SavedView, view_id, with_for_update=True, populate_existing=True)
    if view is None or (view.owner_id != user_id and not view.shared):
        raise view_not_found()
    return view


def _check_version(view: SavedView, version: int | None) -> None:
    if version is not None and view.version != version:
        raise Stale(_("Someone else changed this view while you were looking at it"))


def _check_may_share(by: Actor) -> None:
    if Permission.VIEWS_SHARE not in powers_of_actor(by).everywhere:
        raise Forbidden(_("Your roles do not let you share views"))


def _validate(values: ViewChanges) -> dict[str, Any]:
    """Return the columns to write. Raise Invalid."""
    columns: dict[str, Any] = dict(values)
    if "name" in values:
        columns |= _name_columns(values["name"])
    if "address" in values:
        columns["address"] = validate_address(values["address"])
    return columns


def _name_columns(text: str) -> dict[str, str]:
    name = clean_text(text, field="name", joiners=True)
    if not name:
        raise Invalid(pgettext("of a thing", "Enter a name"), field="name", code="missing")
    keys = {"name_key": caseless_key(name), "name_sort": fold_text(name)}
    if len(name) > NAME_MAX or max(map(len, keys.values())) > KEY_MAX:
        raise Invalid(_("Use at most %(max)s characters", max=NAME_MAX), field="name", code="length")
    return {"name": name, **keys}


def _record(action: Action, view: SavedView, changes: Changes, by: Actor) -> None:
    record(action, subject=view, by=by, kind="view", changes=changes)


def _flush() -> None:
    """Write to the database. Raise Taken if the user has a view with this name."""
    taken = Taken(_("You already have a view with this name"), field="name", code="taken")
    with translate_constraints({"uq_saved_views_owner_id_name_key": taken}):
        db.session.flush()
