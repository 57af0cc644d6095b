"""The page where people change their own password, and the check of a new password while it is typed."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.account.forms import PasswordForm
from webapp.core.errors import Invalid, TooManyRequests
from webapp.core.passwords import PASSWORD_MIN, PASSWORD_MIN_WITH_FACTOR, check_password
from webapp.core.texts import _
from webapp.signin.confirmation import confirmation_key
from webapp.signin.identity import record_failure, start_browser_session
from webapp.signin.models import EventKind
from webapp.users.checks import password_words
from webapp.users.models import EMAIL_MAX
from webapp.users.passwords import change_own_password, is_wrong_password, password_minimum
from webapp.web.failure_limits import check_failures, count_failure, forget_failures
from webapp.web.forms import wait_page
from webapp.web.guards import actor, check_confirmed, public, signed_in

password_pages = Blueprint("account_password", __name__)


@password_pages.get("/account/password")
@signed_in
def show() -> ResponseReturnValue:
    return _page(_form())


@password_pages.post("/account/password")
@signed_in
def change() -> ResponseReturnValue:
    """The session stays, with a new token. All others end."""
    form, key = _form(), confirmation_key(current_user.id)
    if form.validate():
        try:
            check_failures(key)
            user = change_own_password(current_user.id, **form.values, by=actor())
        except TooManyRequests as error:
            return wait_page(form, error, lambda: _page(form))
        except Invalid as error:
            if is_wrong_password(error):
                count_failure(key)
                record_failure(EventKind.CONFIRMATION_FAILED, current_user.id)
            form.add_error(error)
        else:
            forget_failures(key)
            start_browser_session(user)
            flash(_("Password changed. Your other sessions have ended."), "success")
            return redirect(url_for("account.show"), 303)
    return _page(form), 422


@password_pages.get("/.well-known/change-password")
@public
def well_known() -> ResponseReturnValue:
    """Lead password managers to the page (https://w3c.github.io/webappsec-change-password-url/)."""
    return redirect(url_for("account_password.show"), 303)


@password_pages.post("/password-check")
@public
def check() -> ResponseReturnValue:
    """Answer with what is wrong with a new password, or with null. Each form is checked again when it is sent."""
    minimum = PASSWORD_MIN_WITH_FACTOR if request.form.get("minimum") == str(PASSWORD_MIN_WITH_FACTOR) else PASSWORD_MIN
    try:
        check_password(request.form.get("password", ""), personal=_personal_words(), minimum=minimum)
    except Invalid as error:
        return jsonify(problem=str(error.message))
    return jsonify(problem=None)


def _personal_words() -> tuple[str, ...]:
    """Return the words of the person that the form describes, else those of the signed-in person."""
    sent = {name: request.form.get(name, "")[:EMAIL_MAX] for name in ("email", "name", "username")}
    if not any(sent.values()) and current_user.is_authenticated:
        sent = {name: getattr(current_user.user, name) or "" for name in sent}
    return password_words(**sent)


def _form() -> PasswordForm:
    """Return the form. People without a password confirm who they are instead of entering the current one.

    People with a second factor confirm that too: the new session counts as confirmed.
    """
    form, user = PasswordForm(), current_user.user
    if user.second_factor_at or not user.has_password:
        check_confirmed()
    if not user.has_password:
        form.remove_current()
    return form


def _page(form: PasswordForm) -> str:
    user = current_user.user
    return render_template("account/password.html", form=form, user=user, minimum=password_minimum(user))
