"""Named reads of saved views."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from webapp.core.errors import NotFound
from webapp.core.text import fold_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.lists.order import Order
from webapp.users.models import User

BY_NAME = Order("name", SavedView.name_sort, SavedView.id, descending=False)


def list_views(user_id: UUID) -> Select[SavedView]:
    """Select the user's own views and all shared views, with the names of their owners."""
    owner = joinedload(SavedView.owner, innerjoin=True).options(load_only(User.name))
    return select(SavedView).where(_visible_to(user_id)).options(owner)


def first_views(user_id: UUID, limit: int) -> list[SavedView]:
    """Return the user's own views by name, then shared views of others."""
    query = select(SavedView).where(_visible_to(user_id))
    return list(db.session.scalars(query.order_by(SavedView.owner_id != user_id, SavedView.name_sort).limit(limit)))


def search_views(text: str, user_id: UUID, limit: int) -> list[SavedView]:
    """Return the first views by name that this user may see and whose name contains every word."""
    query = select(SavedView).where(_visible_to(user_id))
    for word in fold_text(text).split():
        query = query.where(SavedView.name_sort.contains(word, autoescape=True))
    return list(db.session.scalars(query.order_by(SavedView.name_sort, SavedView.id).limit(limit)))


def find_view(view_id: UUID, *, user_id: UUID) -> SavedView | None:
    """Return the view if this user may see it."""
    return db.session.scalars(select(SavedView).where(SavedView.id == view_id, _visible_to(user_id))).first()


def get_view(view_id: UUID, *, user_id: UUID) -> SavedView:
    """Raise NotFound if the view does not exist or this user may not see it."""
    view = find_view(view_id, user_id=user_id)
    if view is None:
        raise view_not_found()
    return view


def count_own_views(user_id: UUID) -> int:
    return db.session.scalar(select(func.count()).where(SavedView.owner_id == user_id)) or 0


def view_not_found() -> NotFound:
    return NotFound(_("This view does not exist"))


def _visible_to(user_id: UUID) -> ColumnElement[bool]:
    return or_(SavedView.owner_id == user_id, SavedView.shared)
