"""The pages of users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.access.summaries import access_summaries
from webapp.attributes.display import editable_attributes, viewer_attributes
from webapp.attributes.form_fields import form_values
from webapp.attributes.queries import referenced_people
from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import NEWEST_FIRST, last_edit_of, latest_records_of, records_of
from webapp.core.errors import Invalid, Refused, Stale, report_on_field
from webapp.core.permissions import Permission
from webapp.core.texts import _, language
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.users.choices import offer_access
from webapp.users.forms import EditUserForm, NewUserForm, UserForm
from webapp.users.holders import name_holders
from webapp.users.models import User
from webapp.users.profile import empty_fields, filled_attributes, person_access
from webapp.users.queries import former_identities, has_former_identities, is_in_reach, merged_ids
from webapp.users.services import add_user, build_user, update_user
from webapp.users.values import check_attribute_values
from webapp.users.viewer import get_visible_user
from webapp.web.guards import actor, check_confirmed, reach, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, conflict_page, save_merged
from webapp.web.paging import parse_query_parameters

users_pages = Blueprint("users", __name__, url_prefix="/users")
LATEST = 10
USER_EDITS = (Action.USER_UPDATED, Action.USER_DEACTIVATED, Action.USER_REACTIVATED)


@users_pages.get("/new")
@requires(Permission.USERS_CREATE)
def new() -> ResponseReturnValue:
    return _new_page(_new_form(request.args))


@users_pages.post("")
@requires(Permission.USERS_CREATE)
def create() -> ResponseReturnValue:
    form = _new_form()
    if _valid(form, {}):
        # Choose the language now: the transaction expires the signed-in user, and a later choice would load them again.
        language()
        try:
            if form.roles.data:
                with report_on_field("roles"):
                    check_confirmed()
            user_id = _create(form)
        except Refused as error:
            form.add_error(error)
            name_holders(form, error, reach=reach(Permission.USERS_READ))
        else:
            flash(_added(form), "success")
            return redirect(url_for("users.show", user_id=user_id), 303)
    return _new_page(form), 422


@users_pages.get("/<uuid:user_id>")
@requires(Permission.USERS_READ)
def show(user_id: UUID) -> ResponseReturnValue:
    if user_id == actor().id and not is_in_reach(user_id, reach(Permission.USERS_READ)):
        return redirect(url_for("account.show"))
    user = get_visible_user(user_id)
    attributes = viewer_attributes()
    filled = filled_attributes(user, attributes)
    records = latest_records_of(user_id, LATEST + 1, *merged_ids(user))
    return render_template(
        "users/show.html",
        user=user,
        attributes=filled,
        empty=empty_fields(user, attributes, editable=editable_attributes()),
        people=referenced_people(filled, user.attributes, reach=reach(Permission.USERS_READ)),
        labels=person_access(user_id, reach=reach(Permission.USERS_READ)),
        former=former_identities(user_id) if has_former_identities(user) else [],
        records=records[:LATEST],
        more_activity=len(records) > LATEST,
    )


@users_pages.get("/<uuid:user_id>/activity")
@requires(Permission.USERS_READ)
def activity(user_id: UUID) -> ResponseReturnValue:
    user = get_visible_user(user_id)
    page = paginate(records_of(user_id, *merged_ids(user)), NEWEST_FIRST, parse_query_parameters(PageQuery).window)
    return render_template("users/activity.html", user=user, labels=access_summaries([user_id])[user_id], page=page)


@users_pages.get("/<uuid:user_id>/edit")
@requires(Permission.USERS_EDIT)
def edit(user_id: UUID) -> ResponseReturnValue:
    user = get_visible_user(user_id)
    return render_template("users/edit.html", user=user, form=_filled_edit_form(user))


@users_pages.post("/<uuid:user_id>")
@requires(Permission.USERS_EDIT)
def update(user_id: UUID) -> ResponseReturnValue:
    form = _edit_form(user_id)
    if _valid(form, get_visible_user(user_id).attributes):
        try:
            user = save_merged(
                form,
                lambda: _save(user_id, form),
                saved=lambda: _filled_edit_form(get_visible_user(user_id)),
            )
        except Conflict as conflict:
            return _conflict_page(get_visible_user(user_id), form, conflict), 409
        except Refused as error:
            form.add_error(error)
            name_holders(form, error, reach=reach(Permission.USERS_READ))
        else:
            flash_done(_("Changes to %(name)s saved", name=user.name))
            return redirect(url_for("users.show", user_id=user_id), 303)
    return render_template("users/edit.html", user=get_visible_user(user_id), form=form), 422


def _new_form(*formdata: Any) -> NewUserForm:
    """Return the form with a field for each attribute that the viewer can fill in."""
    return NewUserForm.with_attributes(editable_attributes())(*formdata)


def _new_page(form: NewUserForm) -> str:
    offer_access(form)
    return render_template("users/new.html", form=form)


def _added(form: NewUserForm) -> str:
    if form.password.data:
        return _("%(name)s was added", name=form.name.data)
    return _("%(name)s was added and gets an invitation by e-mail", name=form.name.data)


def _valid(form: UserForm, before: Mapping[str, Any]) -> bool:
    """Whether the form is valid. If it is not, add the problems of attributes, so that all problems show at once."""
    if form.validate():
        return True
    try:
        check_attribute_values(
            form.values.get("attributes", {}), before=before, by=actor(), form_attributes=form.attributes
        )
    except Invalid as error:
        form.add_error(error)
    return False


def _create(form: NewUserForm) -> UUID:
    values = form.values
    access = {"roles": values.pop("roles"), "groups": values.pop("groups"), "attributes": values.get("attributes")}
    attributes, by = form.attributes, actor()
    # It hashes the password, which takes too long for a transaction.
    user = build_user(**values, form_attributes=attributes, by=by)
    return created_once(form, lambda: add_user(user, **access, form_attributes=attributes, invite=True, by=by).id)


def _edit_form(user_id: UUID, *formdata: None, **values: Any) -> EditUserForm:
    """Return the form with the fields that the viewer can change of this user."""
    form = EditUserForm.with_attributes(editable_attributes())(*formdata, **values)
    if user_id == actor().id:
        form.remove_period()
    form.offers_password = is_in_reach(user_id, reach(Permission.USERS_RESET))
    return form


def _filled_edit_form(user: User) -> EditUserForm:
    """Return the form with the present values of the user."""
    attributes = editable_attributes()
    people = referenced_people(attributes, user.attributes, reach=reach(Permission.USERS_READ))
    values = form_values(attributes, user.attributes, people)
    return _edit_form(user.id, None, obj=user, data=values)


def _save(user_id: UUID, form: EditUserForm) -> User:
    """Save the form. Raise Stale if its version is not the saved one, before it is clear what the form changes."""
    user = get_visible_user(user_id)
    if form.version.data != user.version:
        raise Stale(_("Someone else changed this user while you were editing"))
    _check_confirmed(user, form)
    return update_user(user_id, **form.values, by=actor())


def _check_confirmed(user: User, form: EditUserForm) -> None:
    """Check that the viewer entered their password recently, if the form changes how the user signs in."""
    sensitive = {"password": bool(form.password.data), "email": (form.email.data or "").strip() != user.email}
    for name, changed in sensitive.items():
        if changed:
            with report_on_field(name):
                check_confirmed()


def _conflict_page(user: User, form: EditUserForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=user.name,
        back=url_for("users.show", user_id=user.id),
        action=url_for("users.update", user_id=user.id),
        audit_action=Action.USER_UPDATED,
        edit=last_edit_of(user.id, *USER_EDITS),
    )
