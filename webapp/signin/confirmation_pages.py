"""The page that asks people to confirm who they are before sensitive changes."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webapp.core.errors import Gone, Invalid, TooManyRequests
from webapp.factors.browser import CONFIRM, ceremony
from webapp.factors.forms import PasskeyForm
from webapp.factors.passkey_options import authentication_options
from webapp.factors.queries import factor_summary
from webapp.signin.confirmation import confirm_password, confirm_with_passkey, confirmation_key
from webapp.signin.continuing import carried_fields, go_on
from webapp.signin.forms import ConfirmPasswordForm
from webapp.signin.identity import record_failure, renew_session_token
from webapp.signin.models import EventKind
from webapp.signin.second_step import SECOND_FACTOR_LIMIT, second_factor_key
from webapp.web.error_pages import csrf_problem
from webapp.web.failure_limits import check_failures, count_failure, forget_failures, give_back_attempts, take_attempt
from webapp.web.forms import wait_page
from webapp.web.guards import actor, signed_in

confirmation_pages = Blueprint("confirmation", __name__, url_prefix="/confirm")


@confirmation_pages.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Show the form for the factors that sensitive pages require."""
    return _page(ConfirmPasswordForm(None, data=carried_fields()))


@confirmation_pages.post("")
@signed_in
def confirm() -> ResponseReturnValue:
    form, key = ConfirmPasswordForm(), confirmation_key(current_user.id)
    if form.validate():
        code_key = second_factor_key(current_user.id)
        try:
            check_failures(key)
            if current_user.user.second_factor_at:
                take_attempt(code_key, SECOND_FACTOR_LIMIT)
            sent = {"password": form.password.data, "code": form.code.data or ""}
            token = confirm_password(current_user.token, **sent, by=actor())
        except TooManyRequests as error:
            return wait_page(form, error, lambda: _page(form))
        except Invalid as error:
            _count_failure()
            form.add_error(error)
        else:
            forget_failures(key)
            give_back_attempts(code_key, SECOND_FACTOR_LIMIT)
            renew_session_token(token)
            return go_on(form)
    return _page(form), 422


@confirmation_pages.get("/passkey")
@signed_in
def passkey_options() -> ResponseReturnValue:
    """Return what the browser needs to use one of the person's passkeys, as JSON."""
    return jsonify(authentication_options(current_user.id, bound_to=ceremony(CONFIRM)))


@confirmation_pages.post("/passkey")
@signed_in
def use_passkey() -> ResponseReturnValue:
    form = PasskeyForm()
    refused = ConfirmPasswordForm(None, data={"next": form.next.data, "kept": form.kept.data})
    if form.validate():
        sent = {"credential": form.credential.data, "bound_to": ceremony(CONFIRM)}
        try:
            check_failures(confirmation_key(current_user.id))
            renew_session_token(confirm_with_passkey(current_user.token, **sent, by=actor()))
            return go_on(form)
        except TooManyRequests as error:
            return wait_page(refused, error, lambda: _page(refused))
        except (Invalid, Gone) as error:
            _count_failure()
            refused.form_errors.append(error.message)
    else:
        refused.form_errors.extend(map(str, form.credential.errors))
    return _page(refused), 422


def _page(form: ConfirmPasswordForm) -> str:
    return render_template("signin/confirm.html", form=form, factors=factor_summary(current_user.id))


def _count_failure() -> None:
    count_failure(confirmation_key(current_user.id))
    record_failure(EventKind.CONFIRMATION_FAILED, current_user.id)


@confirmation_pages.errorhandler(CSRFError)
def show_form_again(error: CSRFError) -> ResponseReturnValue:
    """Show the form again with a new token and what was typed."""
    form = ConfirmPasswordForm()
    form.form_errors.append(csrf_problem(error))
    return _page(form), 400
