"""Named reads of photos."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.photos.models import Photo


def current_photo(user_id: UUID) -> Photo | None:
    """Return the photo without its content, which is loaded when it is read."""
    return db.session.scalars(select(Photo).where(Photo.user_id == user_id, Photo.removed_at.is_(None))).first()


def get_photo(user_id: UUID) -> Photo:
    """Return the photo with its content. Raise NotFound if the person has none."""
    query = select(Photo).where(Photo.user_id == user_id, Photo.removed_at.is_(None)).options(undefer(Photo.content))
    photo = db.session.scalars(query).first()
    if photo is None:
        raise NotFound(_("This user has no photo"))
    return photo


def current_digest(user_id: UUID) -> str | None:
    return db.session.scalar(select(Photo.digest).where(Photo.user_id == user_id, Photo.removed_at.is_(None)))


def photos_of(user_id: UUID) -> list[Photo]:
    """Return the photo and the former photos of a person that are still kept, oldest first, with their contents."""
    query = select(Photo).where(Photo.user_id == user_id).options(undefer(Photo.content))
    return list(db.session.scalars(query.order_by(Photo.id)))


def expired_photo_ids(limit: int) -> list[UUID]:
    """Return former photos that no undo can bring back, the one removed first at the front."""
    is_expired = Photo.removed_at < now() - timedelta(days=current_settings().bin_days)
    return list(
        db.session.scalars(select(Photo.id).where(is_expired).order_by(Photo.removed_at, Photo.id).limit(limit))
    )
