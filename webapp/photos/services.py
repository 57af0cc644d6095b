"""The only entry point to changes of photos."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete

from webapp.access.checks import check_user_action
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import Gone
from webapp.core.permissions import Actor, ActorKind, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.photos.images import encode_photo
from webapp.photos.models import DIGEST_LENGTH, Photo
from webapp.photos.queries import current_photo
from webapp.users.models import User
from webapp.users.services import lock_user


def set_photo(user_id: UUID, content: bytes, *, by: Actor) -> Photo:
    """Save the picture as the photo of a person: their own or, with users.edit, that of others.

    The same picture again changes nothing. Raise Invalid, Busy, Deleted, NotFound or Forbidden.
    """
    # It takes too long for a transaction.
    return _save(user_id, encode_photo(content), by=by)


@transaction()
def _save(user_id: UUID, image: bytes, *, by: Actor) -> Photo:
    user = _lock(user_id, by=by)
    before, digest = current_photo(user_id), sha256(image).hexdigest()[:DIGEST_LENGTH]
    if before is not None and before.digest == digest:
        return before
    photo = Photo(user_id=user_id, digest=digest, content=image)
    _replace(user, before, photo, by=by)
    return photo


@transaction()
def remove_photo(user_id: UUID, *, by: Actor) -> None:
    """Show the initials again. Idempotent. Raise Deleted, NotFound or Forbidden."""
    user = _lock(user_id, by=by)
    if (before := current_photo(user_id)) is not None:
        _replace(user, before, None, by=by)


@transaction()
def copy_photo(from_id: UUID, to_id: UUID, *, by: Actor) -> None:
    """Give a person the photo of another account of theirs, or none. Raise Deleted, NotFound or Forbidden."""
    user = _lock(to_id, by=by)
    before, other = current_photo(to_id), current_photo(from_id)
    if (before and before.digest) != (other and other.digest):
        copy = Photo(user_id=to_id, digest=other.digest, content=other.content) if other else None
        _replace(user, before, copy, by=by)


@transaction()
def restore_photo(user_id: UUID, photo_id: UUID, *, by: Actor) -> None:
    """Show a former photo again. Raise Gone if it is no longer kept."""
    user = _lock(user_id, by=by)
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.user_id != user_id:
        raise Gone(_("The former photo was erased and cannot be restored"))
    _replace(user, current_photo(user_id), photo, by=by)


def check_photo_change(by: Actor, user_id: UUID) -> None:
    """Check that `by` may change the photo: their own on a page, or with users.edit that of this person."""
    if by.kind != ActorKind.USER or by.id != user_id:
        check_user_action(by, Permission.USERS_EDIT, user_id=user_id)


@transaction()
def delete_photos(photo_ids: Collection[UUID]) -> None:
    """Delete former photos. No record is written: the removal has one."""
    db.session.execute(delete(Photo).where(Photo.id.in_(photo_ids), Photo.removed_at.is_not(None)))


def _lock(user_id: UUID, *, by: Actor) -> User:
    user = lock_user(user_id)
    check_photo_change(by, user_id)
    return user


def _replace(user: User, before: Photo | None, after: Photo | None, *, by: Actor) -> None:
    if before is not None:
        before.removed_at = now()
        # A unique index allows one current photo.
        db.session.flush()
    if after is not None:
        after.removed_at = None
        db.session.add(after)
        db.session.flush()
    action = Action.PHOTO_REMOVED if after is None else Action.PHOTO_REPLACED if before else Action.PHOTO_ADDED
    ids = (str(before.id) if before else None, str(after.id) if after else None)
    record(action, subject=user, by=by, changes={"photo_id": ids}, own=by.id == user.id)
