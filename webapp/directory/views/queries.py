"""Named reads of saved views."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.lists.order import Order
from webapp.users.models import User

BY_NAME = Order("name", SavedView.name_sort, SavedView.id, descending=False)


def listed_views(user_id: UUID) -> Select[SavedView]:
    """A person's own and the shared ones, with who made them."""
    owner = joinedload(SavedView.owner, innerjoin=True).options(load_only(User.name))
    return select(SavedView).where(_seen_by(user_id)).options(owner)


def first_views(user_id: UUID, limit: int) -> list[SavedView]:
    """Their own by name, then the shared ones of others."""
    query = select(SavedView).where(_seen_by(user_id))
    return list(db.session.scalars(query.order_by(SavedView.owner_id != user_id, SavedView.name_sort).limit(limit)))


def find_view(view_id: UUID, *, user_id: UUID) -> SavedView | None:
    """One that this person may see."""
    return db.session.scalars(select(SavedView).where(SavedView.id == view_id, _seen_by(user_id))).first()


def get_view(view_id: UUID, *, user_id: UUID) -> SavedView:
    """Raises NotFound, also for what somebody else keeps to themselves."""
    view = find_view(view_id, user_id=user_id)
    if view is None:
        raise no_view()
    return view


def views_kept_by(user_id: UUID) -> int:
    return db.session.scalar(select(func.count()).where(SavedView.owner_id == user_id)) or 0


def no_view() -> NotFound:
    return NotFound(_("This view does not exist"))


def _seen_by(user_id: UUID) -> ColumnElement[bool]:
    return or_(SavedView.owner_id == user_id, SavedView.shared)
