"""The pages that delete, restore and erase a user. Each shows the effects before it asks for confirmation."""

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
from webapp.users.viewer import get_visible_user
from webapp.web.forms import Form, catch_invalid
from webapp.web.guards import actor, check_confirmed, requires

bin_pages = Blueprint("bin", __name__, url_prefix="/users/<uuid:user_id>")
# The fields of `taken_fields` → what to do. Without them, only an attribute is taken.
TAKEN_NOTICES: dict[tuple[str, ...], str] = {
    ("email", "username"): _("Another user now has this e-mail address and username. Enter different ones."),
    ("email",): _("Another user now has this e-mail address. Enter a different one."),
    ("username",): _("Another user now has this username. Enter a different one or leave it empty."),
    (): _("Another user now has a value that must be unique. Enter a different one."),
}


@bin_pages.get("/deletion")
@requires(Permission.USERS_DELETE, sudo=True)
def confirm_deletion(user_id: UUID) -> ResponseReturnValue:
    user = get_visible_user(user_id)
    if user.deleted_at:
        return _redirect_to(user_id)
    return render_template("bin/delete.html", user=user, form=Form(), until=kept_until(user))


@bin_pages.post("/deletion")
@requires(Permission.USERS_DELETE, sudo=True)
def delete(user_id: UUID) -> ResponseReturnValue:
    form = Form()
    user = catch_invalid(form, lambda: delete_user(user_id, by=actor()))
    if user is None:
        user = get_visible_user(user_id)
        return render_template("bin/delete.html", user=user, form=form, until=kept_until(user)), 422
    flash_done(_("%(name)s was deleted", name=user.name))
    return _redirect_to(user_id)


@bin_pages.get("/restoration")
@requires(Permission.USERS_DELETE)
def confirm_restoration(user_id: UUID) -> ResponseReturnValue:
    user = get_visible_user(user_id)
    if user.deleted_at is None:
        return _redirect_to(user_id)
    return _restore_page(user, _restore_form(user))


@bin_pages.post("/restoration")
@requires(Permission.USERS_DELETE)
def restore(user_id: UUID) -> ResponseReturnValue:
    form = _restore_form()
    email = form.submitted.get("email")
    if email and email.strip() != get_visible_user(user_id).email:
        check_confirmed()
    try:
        user = restore_user(user_id, **form.submitted, by=actor())
    except (Invalid, Taken) as error:
        user = get_visible_user(user_id)
        form = form if form.submitted else _restore_form(user)
        form.add_error(error)
        return _restore_page(user, form), 422
    flash_done(_("%(name)s was restored", name=user.name))
    return _redirect_to(user_id)


@bin_pages.get("/erasure")
@requires(Permission.USERS_PURGE, sudo=True)
def confirm_erasure(user_id: UUID) -> ResponseReturnValue:
    user = get_visible_user(user_id)
    if user.deleted_at is None:
        return _redirect_to(user_id)
    return render_template("bin/purge.html", user=user, form=PurgeForm(email=user.email))


@bin_pages.post("/erasure")
@requires(Permission.USERS_PURGE, sudo=True)
def purge(user_id: UUID) -> ResponseReturnValue:
    user = get_visible_user(user_id)
    form = PurgeForm(email=user.email)
    if form.validate():
        try:
            purge_user(user_id, by=actor())
        except Invalid as error:
            form.add_error(error)
        else:
            flash_done(_("The data of this user was erased"))
            return redirect(url_for("directory.index", status="deleted"), 303)
    return render_template("bin/purge.html", user=user, form=form), 422


def _restore_form(user: User | None = None) -> RestoreForm:
    """Return the form with the submitted values, or with the values of `user`."""
    form_class = RestoreForm.with_attributes([attribute for attribute in editable_attributes() if attribute.unique])
    if user is None:
        return form_class()
    return form_class(obj=user, data=form_values(form_class.attributes, user.attributes, {}))


def _restore_page(user: User, form: RestoreForm) -> str:
    fields = taken_fields(user)
    attributes = attributes_with_taken_values(user.id, user.attributes)
    taken = [*fields, *(attribute.field_name for attribute in attributes)]
    notice = TAKEN_NOTICES[tuple(fields)] if taken else None
    return render_template("bin/restore.html", user=user, form=form, taken=taken, taken_notice=notice)


def _redirect_to(user_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("users.show", user_id=user_id), 303)
