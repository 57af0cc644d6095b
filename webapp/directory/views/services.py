"""The only door to a change of saved views, and of how somebody has the list shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import update

from webapp.access.checks import powers_of_actor
from webapp.audit.models import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.errors import Forbidden, Invalid, Stale, Taken
from webapp.core.permissions import Actor, Permission
from webapp.core.text import caseless_key, clean_text, fold_text
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.directory.display import COLUMNS, Display, check_display
from webapp.directory.views.addresses import checked_address
from webapp.directory.views.models import KEY_MAX, NAME_MAX, VIEWS_MAX, SavedView
from webapp.directory.views.queries import get_view, no_view, views_kept_by
from webapp.users.models import User
from webapp.users.services import lock_user


class ViewChanges(TypedDict, total=False):
    """What can change of a view; what is left out stays."""

    name: str
    address: str
    shared: bool


@transaction()
def save_view(*, name: str, address: str, by: Actor, shared: bool = False) -> SavedView:
    """A view of one's own. Raises Invalid, Taken, and Forbidden when it is shared by who may not share."""
    return _added(SavedView(), {"name": name, "address": address, "shared": shared}, Action.VIEW_CREATED, by=by)


@transaction()
def change_view(view_id: UUID, *, version: int, by: Actor, **given: Unpack[ViewChanges]) -> SavedView:
    """Renames one's own view, shares it or not, or gives it other filters. Raises Stale when it was changed since."""
    view = _own(view_id, by=by)
    if view.version != version:
        raise Stale(_("Someone else changed this view while you were looking at it"))
    before = told_of_view(view)
    for field, value in _checked(given).items():
        setattr(view, field, value)
    changes = difference(before, told_of_view(view))
    # What others see is changed by who may share; to keep it to oneself again is everybody's right.
    if view.shared and changes:
        _check_may_share(by)
    if changes:
        _flush()
        _record(Action.VIEW_UPDATED, view, changes, by)
    return view


@transaction()
def stop_sharing(view_id: UUID, *, by: Actor) -> SavedView:
    """Makes a shared view its owner's alone; so may whoever may share. Twice is once."""
    view = _locked(view_id, user_id=_person(by))
    if view.owner_id != by.id:
        _check_may_share(by)
    if view.shared:
        view.shared = False
        _record(Action.VIEW_UPDATED, view, {"shared": ("yes", "no")}, by)
    return view


@transaction()
def delete_view(view_id: UUID, *, by: Actor) -> SavedView:
    """Whoever opened the list with it opens it with everyone again."""
    view = _own(view_id, by=by)
    owner = db.session.get_one(User, view.owner_id)
    display = Display.of(owner)
    if display.view == view_id:
        _keep(owner, replace(display, view=None))
    changes: Changes = {name: (value, None) for name, value in told_of_view(view).items()}
    _record(Action.VIEW_DELETED, view, changes, by)
    db.session.delete(view)
    return view


@transaction()
def restore_view(view_id: UUID, told: Mapping[str, Any], *, by: Actor) -> SavedView:
    """The view that was `told` in the trail when it was deleted, under its id. Raises what saving it would."""
    given: ViewChanges = {"name": told["name"], "address": told["address"], "shared": told["shared"] == "yes"}
    return _added(SavedView(id=view_id), given, Action.VIEW_RESTORED, by=by)


@transaction()
def start_with(view_id: UUID | None, *, by: Actor) -> None:
    """Has the list open with this view for whoever acts; with everyone when it is None."""
    user = lock_user(_person(by))
    display = Display.of(user)
    named = get_view(view_id, user_id=user.id).name if view_id else None
    if display.view != view_id:
        before = db.session.get(SavedView, display.view) if display.view else None
        _keep(user, replace(display, view=view_id))
        changes: Changes = {"default_view": (before.name if before else None, named)}
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes)


@transaction()
def set_display(
    *, columns: Collection[str], density: str, limit: int, by: Actor, offered: Collection[str] = COLUMNS
) -> None:
    """How the list is shown to whoever acts from now on. Raises Invalid for what is not among `offered`."""
    check_display(columns=columns, density=density, limit=limit, offered=offered)
    user = lock_user(_person(by))
    display = Display.of(user)
    chosen = replace(display, columns=tuple(name for name in offered if name in columns), density=density, limit=limit)
    changes = difference(_told_of_display(display), _told_of_display(chosen))
    if changes:
        _keep(user, chosen)
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes)


def told_of_view(view: SavedView) -> dict[str, str]:
    """As the trail tells it."""
    return {"name": view.name, "address": view.address, "shared": "yes" if view.shared else "no"}


def _told_of_display(display: Display) -> dict[str, Any]:
    return {
        "list_columns": list(display.columns),
        "list_density": display.density,
        "list_limit": str(display.limit),
    }


def _added(view: SavedView, given: ViewChanges, action: Action, *, by: Actor) -> SavedView:
    # Two that one person saves in the same instant: the second waits here, and is counted.
    owner = lock_user(_person(by))
    if given.get("shared"):
        _check_may_share(by)
    for field, value in _checked(given).items():
        setattr(view, field, value)
    if views_kept_by(owner.id) >= VIEWS_MAX:
        raise Invalid(
            _("You can have at most %(max)s views. Delete one first.", max=VIEWS_MAX), field="name", code="too_many"
        )
    view.owner_id = owner.id
    db.session.add(view)
    _flush()
    _record(action, view, difference({}, told_of_view(view)), by)
    return view


def _own(view_id: UUID, *, by: Actor) -> SavedView:
    """A view of whoever acts, locked. Raises NotFound, and Forbidden for one that somebody else shares."""
    person = lock_user(_person(by))
    view = _locked(view_id, user_id=person.id)
    if view.owner_id != person.id:
        raise Forbidden(_("This view belongs to someone else. Save it as your own view."))
    return view


def _locked(view_id: UUID, *, user_id: UUID) -> SavedView:
    """A view that this person sees. Raises NotFound."""
    view = db.session.get(SavedView, view_id, with_for_update=True, populate_existing=True)
    if view is None or (view.owner_id != user_id and not view.shared):
        raise no_view()
    return view


def _person(by: Actor) -> UUID:
    """Views are people's: neither commands nor schedules have any."""
    if by.id is None:
        raise Forbidden(_("Only a user can have views"))
    return by.id


def _check_may_share(by: Actor) -> None:
    if Permission.VIEWS_SHARE not in powers_of_actor(by).everywhere:
        raise Forbidden(_("Your roles do not let you share views"))


def _checked(given: ViewChanges) -> dict[str, Any]:
    columns: dict[str, Any] = dict(given)
    if "name" in given:
        columns |= _named(given["name"])
    if "address" in given:
        columns["address"] = checked_address(given["address"])
    return columns


def _named(text: str) -> dict[str, str]:
    name = clean_text(text, field="name", joiners=True)
    if not name:
        raise Invalid(_("Enter a name"), field="name", code="missing")
    keys = {"name_key": caseless_key(name), "name_sort": fold_text(name)}
    if len(name) > NAME_MAX or max(map(len, keys.values())) > KEY_MAX:
        raise Invalid(_("Use at most %(max)s characters", max=NAME_MAX), field="name", code="length")
    return {"name": name, **keys}


def _keep(user: User, display: Display) -> None:
    """Not through the object: that is no edit of the person, and makes nobody's open form stale."""
    values = {"list_settings": display.settings, "updated_at": User.updated_at}
    db.session.execute(update(User).where(User.id == user.id).values(values))


def _record(action: Action, view: SavedView, changes: Changes, by: Actor) -> None:
    record(action, subject=view, by=by, kind="view", changes=changes)


def _flush() -> None:
    """Writes, and translates the refusal of a name that is taken: the database alone can know."""
    taken = Taken(_("You already have a view with this name"), field="name", code="taken")
    with translate_constraints({"uq_saved_views_owner_id_name_key": taken}):
        db.session.flush()
