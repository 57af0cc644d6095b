"""The pages of the bin: each asks first, and says what will happen and until when it can be undone."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.attributes.display import editable_attributes
from webapp.attributes.form_fields import form_values
from webapp.attributes.unique_values import attributes_with_taken_values
from webapp.audit.flashes import flash_done
from webapp.bin.forms import PurgeForm, RestoreForm
from webapp.bin.queries import kept_until, taken_fields
from webapp.bin.services import delete_user, purge_user, restore_user
from webapp.core.errors import Invalid, Taken
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.users.models import User
from webapp.users.queries import get_user
from webapp.web.forms import Form, catch_invalid
from webapp.web.guards import actor, reach, requires

bin_pages = Blueprint("bin", __name__, url_prefix="/users/<uuid:user_id>")


@bin_pages.get("/deletion")
@requires(Permission.USERS_DELETE, sudo=True)
def confirm_deletion(user_id: UUID) -> ResponseReturnValue:
    user = _seen(user_id)
    if user.deleted_at:
        return _to(user_id)
    return render_template("bin/delete.html", user=user, form=Form(), until=kept_until(user))


@bin_pages.post("/deletion")
@requires(Permission.USERS_DELETE, sudo=True)
def delete(user_id: UUID) -> ResponseReturnValue:
    form = Form()
    user = catch_invalid(form, lambda: delete_user(user_id, by=actor()))
    if user is None:
        known = _seen(user_id)
        return render_template("bin/delete.html", user=known, form=form, until=kept_until(known)), 422
    flash_done(_("%(name)s was deleted", name=user.name))
    return _to(user_id)


@bin_pages.get("/restoration")
@requires(Permission.USERS_DELETE)
def confirm_restoration(user_id: UUID) -> ResponseReturnValue:
    user = _seen(user_id)
    if user.deleted_at is None:
        return _to(user_id)
    return _restoring(user, _restore_form(user))


@bin_pages.post("/restoration")
@requires(Permission.USERS_DELETE)
def restore(user_id: UUID) -> ResponseReturnValue:
    form = _restore_form()
    try:
        user = restore_user(user_id, **form.given, by=actor())
    except (Invalid, Taken) as error:
        user = _seen(user_id)
        form = form if form.given else _restore_form(user)
        form.add_error(error)
        return _restoring(user, form), 422
    flash_done(_("%(name)s was restored", name=user.name))
    return _to(user_id)


@bin_pages.get("/erasure")
@requires(Permission.USERS_PURGE, sudo=True)
def confirm_erasure(user_id: UUID) -> ResponseReturnValue:
    user = _seen(user_id)
    if user.deleted_at is None:
        return _to(user_id)
    return render_template("bin/purge.html", user=user, form=PurgeForm(email=user.email))


@bin_pages.post("/erasure")
@requires(Permission.USERS_PURGE, sudo=True)
def purge(user_id: UUID) -> ResponseReturnValue:
    user = _seen(user_id)
    form = PurgeForm(email=user.email)
    if not form.validate() or not catch_invalid(form, lambda: purge_user(user_id, by=actor()) or True):
        return render_template("bin/purge.html", user=user, form=form), 422
    flash_done(_("The data of this user was erased"))
    return redirect(url_for("directory.index", status="deleted"), 303)


def _restore_form(user: User | None = None) -> RestoreForm:
    """What was sent; or, to begin with, what the user is."""
    form = RestoreForm.with_attributes([attribute for attribute in editable_attributes() if attribute.unique])
    return form(obj=user, data=form_values(form.attributes, user.attributes, {})) if user else form()


def _restoring(user: User, form: RestoreForm) -> str:
    attributes = attributes_with_taken_values(user.id, user.attributes)
    taken = [*taken_fields(user), *(attribute.field_name for attribute in attributes)]
    return render_template("bin/restore.html", user=user, form=form, taken=taken)


def _seen(user_id: UUID) -> User:
    return get_user(user_id, reach=reach(Permission.USERS_READ))


def _to(user_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("users.show", user_id=user_id), 303)
