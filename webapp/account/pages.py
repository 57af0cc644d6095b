"""The account page of the signed-in user."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.access.summaries import access_summaries
from webapp.account.forms import NameForm, OwnAttributesForm, PreferencesForm
from webapp.account.own_data import own_data
from webapp.attributes.display import editable_attributes, viewer_attributes
from webapp.attributes.form_fields import form_values
from webapp.attributes.queries import referenced_people
from webapp.audit.queries import NEWEST_FIRST, records_of
from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.queries import open_token
from webapp.users.services import set_own_attributes, set_own_name, set_preferences
from webapp.web.forms import safe_next
from webapp.web.guards import actor, confirmed, signed_in
from webapp.web.paging import parse_query_parameters

account_pages = Blueprint("account", __name__, url_prefix="/account")


@account_pages.get("")
@signed_in
def show() -> ResponseReturnValue:
    return _page(PreferencesForm(obj=current_user.user))


@account_pages.post("/preferences")
@signed_in
def preferences() -> ResponseReturnValue:
    form = PreferencesForm()
    if form.validate():
        unchanged = form.untouched_fields()
        sent = {name: value for name, value in form.values.items() if name in request.form and name not in unchanged}
        try:
            set_preferences(current_user.id, by=actor(), **sent)
        except Refused as error:
            form.add_error(error)
        else:
            back = request.form.get("next")
            if not back:
                flash(_("Preferences saved"), "success")
            return redirect(safe_next(back, url_for("account.show")), 303)
    return _page(form), 422


@account_pages.post("/attributes")
@signed_in
def attributes() -> ResponseReturnValue:
    """Save the attributes that users may change of themselves."""
    form = _attributes_form()()
    if form.validate():
        try:
            set_own_attributes(current_user.id, attributes=form.changed, by=actor())
        except Refused as error:
            form.add_error(error)
        else:
            flash(_("Profile saved"), "success")
            return redirect(url_for("account.show"), 303)
    return _page(PreferencesForm(None, obj=current_user.user), form), 422


@account_pages.post("/name")
@signed_in
def name() -> ResponseReturnValue:
    form = NameForm()
    if form.validate():
        try:
            set_own_name(current_user.id, name=form.name.data or "", by=actor())
        except Refused as error:
            form.add_error(error)
        else:
            flash(_("Profile saved"), "success")
            return redirect(url_for("account.show"), 303)
    return _page(PreferencesForm(None, obj=current_user.user), name_form=form), 422


@account_pages.get("/shortcuts")
@signed_in
def shortcuts() -> ResponseReturnValue:
    """Show the keyboard shortcuts, also without JavaScript. The key ? shows the same in a window."""
    return render_template("account/shortcuts.html")


@account_pages.get("/activity")
@signed_in
def activity() -> ResponseReturnValue:
    page = paginate(records_of(current_user.id), NEWEST_FIRST, parse_query_parameters(PageQuery).window)
    return render_template("account/activity.html", page=page)


@account_pages.get("/data")
@confirmed
def data() -> ResponseReturnValue:
    """Download what Rollcall keeps about oneself, as JSON."""
    response = jsonify(own_data(current_user.user, viewer_attributes(own=True)))
    response.headers["Content-Disposition"] = 'attachment; filename="rollcall-account.json"'
    return response


def _attributes_form() -> type[OwnAttributesForm]:
    return OwnAttributesForm.with_attributes(editable_attributes(own=True))


def _page(
    form: PreferencesForm, attributes_form: OwnAttributesForm | None = None, name_form: NameForm | None = None
) -> str:
    user = current_user.user
    shown = viewer_attributes(own=True)
    people = referenced_people(shown, user.attributes)
    own = attributes_form or _attributes_form()(None, data=form_values(shown, user.attributes, people))
    editable = {attribute.key for attribute in own.attributes}
    labels = access_summaries([current_user.id])[current_user.id]
    return render_template(
        "account/show.html",
        user=user,
        labels=labels,
        pending=open_token(user.id, TokenKind.EMAIL_CHANGE),
        form=form,
        name_form=name_form or NameForm(None, obj=user),
        own=own,
        people=people,
        attributes=[each for each in shown if each.key in user.attributes.keys() - editable],
    )
