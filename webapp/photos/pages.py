"""The pages of photos: one's own, and those of others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.audit.flashes import flash_done
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.photos.forms import PhotoForm
from webapp.photos.images import PHOTO_TYPE, UPLOAD_BYTES_MAX, UPLOAD_MB, too_large
from webapp.photos.queries import current_digest, get_photo
from webapp.photos.services import remove_photo, set_photo
from webapp.users.models import User
from webapp.users.queries import is_in_reach
from webapp.users.viewer import get_visible_user
from webapp.web.error_pages import handle_http
from webapp.web.guards import actor, reach, requires, signed_in
from webapp.web.middleware import accepts_body

photo_pages = Blueprint("photos", __name__)
# The other fields of the form need some kilobytes.
BODY_MAX = UPLOAD_BYTES_MAX + 64 * 1024
# A browser asks again after this time, so that people who may no longer see the photo lose it.
CACHE_SECONDS = 7 * 24 * 3600


@photo_pages.get("/users/<uuid:user_id>/photo")
@requires(Permission.USERS_EDIT)
def edit(user_id: UUID) -> ResponseReturnValue:
    return _page(get_visible_user(user_id), PhotoForm(None))


@photo_pages.post("/users/<uuid:user_id>/photo")
@requires(Permission.USERS_EDIT)
@accepts_body(BODY_MAX)
def save(user_id: UUID) -> ResponseReturnValue:
    return _save(get_visible_user(user_id))


@photo_pages.post("/users/<uuid:user_id>/photo/removal")
@requires(Permission.USERS_EDIT)
def remove(user_id: UUID) -> ResponseReturnValue:
    return _remove(get_visible_user(user_id))


@photo_pages.get("/account/photo")
@signed_in
def edit_own() -> ResponseReturnValue:
    return _page(current_user.user, PhotoForm(None))


@photo_pages.post("/account/photo")
@signed_in
@accepts_body(BODY_MAX)
def save_own() -> ResponseReturnValue:
    return _save(current_user.user)


@photo_pages.post("/account/photo/removal")
@signed_in
def remove_own() -> ResponseReturnValue:
    return _remove(current_user.user)


@photo_pages.get("/users/<uuid:user_id>/photo/<digest>")
@signed_in
def image(user_id: UUID, digest: str) -> ResponseReturnValue:
    """Show the photo to people who may see the person. Another photo has another address."""
    photo = get_photo(user_id) if _is_visible(user_id) else None
    if photo is None or photo.digest != digest:
        raise NotFound(_("This user has no photo"))
    response = Response(photo.content, content_type=PHOTO_TYPE)
    response.set_etag(photo.digest)
    response.headers["Cache-Control"] = f"private, max-age={CACHE_SECONDS}, immutable"
    response.make_conditional(request)
    return response


@photo_pages.errorhandler(RequestEntityTooLarge)
def refuse_large_body(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Show the error beside the field. The body was not read."""
    user_id = (request.view_args or {}).get("user_id")
    if user_id and not _is_visible(user_id):
        return handle_http(error)
    g.refused = RequestEntityTooLarge.__name__
    form = PhotoForm(None)
    form.add_error(too_large())
    return _page(get_visible_user(user_id) if user_id else current_user.user, form), 413


def photo_url(user: User) -> str | None:
    """Return the address of the person's photo, or None if they have none. One query."""
    digest = current_digest(user.id)
    return url_for("photos.image", user_id=user.id, digest=digest) if digest else None


def _save(user: User) -> ResponseReturnValue:
    form = PhotoForm()
    if form.validate():
        try:
            set_photo(user.id, form.content, by=actor())
        except Invalid as error:
            form.add_error(error)
        else:
            flash_done(_("Photo saved"))
            return redirect(_back(user), 303)
    return _page(user, form), 422


def _remove(user: User) -> ResponseReturnValue:
    remove_photo(user.id, by=actor())
    flash_done(_("Photo removed"))
    return redirect(_back(user), 303)


def _page(user: User, form: PhotoForm) -> str:
    own = _is_own()
    arguments: dict[str, Any] = {} if own else {"user_id": user.id}
    return render_template(
        "photos/edit.html",
        user=user,
        form=form,
        own=own,
        back=_back(user),
        save_url=url_for("photos.save_own" if own else "photos.save", **arguments),
        removal_url=url_for("photos.remove_own" if own else "photos.remove", **arguments),
        upload_mb=UPLOAD_MB,
    )


def _back(user: User) -> str:
    return url_for("account.show") if _is_own() else url_for("users.show", user_id=user.id)


def _is_own() -> bool:
    """Whether this is a page of My account."""
    return "user_id" not in (request.view_args or {})


def _is_visible(user_id: UUID) -> bool:
    # Not `actor()`, which reads the body. That can be too large.
    return user_id == current_user.id or is_in_reach(user_id, reach(Permission.USERS_READ))
