"""One's own page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.access.queries import labels_of
from webapp.account.forms import PreferencesForm
from webapp.core.access import actor, signed_in
from webapp.core.errors import Refused
from webapp.core.forms import safe_next
from webapp.core.languages import _
from webapp.users.services import set_preferences

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
        sent = {name: value for name, value in form.values.items() if name in request.form}
        try:
            set_preferences(current_user.id, by=actor(), **sent)
        except Refused as error:
            form.refuse(error)
        else:
            back = request.form.get("next")
            if not back:
                flash(_("Your preferences were saved."), "success")
            return redirect(safe_next(back, url_for("account.show")), 303)
    return _page(form), 422


def _page(form: PreferencesForm) -> str:
    labels = labels_of([current_user.id])[current_user.id]
    return render_template("account/show.html", user=current_user.user, labels=labels, form=form)
