"""Pages to sign in, with a password or a passkey, and to sign out."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webapp.core.errors import Deleted, Gone, Invalid, TooManyRequests
from webapp.core.tokens import hashed_key
from webapp.factors.browser import SIGN_IN, ceremony
from webapp.factors.forms import PasskeyForm
from webapp.factors.passkey_options import authentication_options
from webapp.signin import services
from webapp.signin.attempts import find_attempt
from webapp.signin.continuing import carried_fields, finish_sign_in, form_with_new_csrf_token
from webapp.signin.forms import SecondFactorForm, SignInForm
from webapp.signin.identity import browser_client, clear_session, record_failure, set_pending_token
from webapp.signin.models import EventKind
from webapp.signin.second_step import sign_in_with_passkey
from webapp.signin.sessions import sign_out as end_session
from webapp.web.error_pages import handle_http
from webapp.web.failure_limits import check_failures, count_failure, forget_failures
from webapp.web.forms import safe_next, wait_page
from webapp.web.guards import actor, public, signed_in

signin_pages = Blueprint("signin", __name__)


@signin_pages.get("/login")
@public
def new() -> ResponseReturnValue:
    form = SignInForm(None, data=carried_fields())
    if current_user.is_authenticated:
        return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    return _page(form)


@signin_pages.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    attempt = find_attempt(form.email.data, browser_client())
    keys = attempt.failure_keys
    try:
        check_failures(*keys)
        found = services.sign_in(attempt, password=form.password.data)
    except TooManyRequests as error:
        return wait_page(form, error, lambda: _page(form))
    except Invalid as error:
        if count_failure(*keys):
            services.record_lockout(attempt)
        form.add_error(error)
        return _page(form), 422
    # Not the address: one account must not allow more tries of others.
    forget_failures(keys[0])
    if found.pending_token:
        set_pending_token(found.pending_token)
        return _ask_for_second_factor(form)
    return finish_sign_in(found.session_token, form)


def _ask_for_second_factor(form: SignInForm) -> ResponseReturnValue:
    if form.kept.data:
        second = SecondFactorForm(None, data={"next": form.next.data, "kept": form.kept.data})
        return render_template("signin/second_factor.html", form=second)
    return redirect(url_for("second_factor.show", next=form.next.data or None), 303)


@signin_pages.get("/login/passkey")
@public
def passkey_options() -> ResponseReturnValue:
    """Return what the browser needs to use a passkey, as JSON."""
    return jsonify(authentication_options(bound_to=ceremony(SIGN_IN)))


@signin_pages.post("/login/passkey")
@public
def use_passkey() -> ResponseReturnValue:
    """Sign in with a passkey, also as the second step."""
    form, client = PasskeyForm(), browser_client()
    refused = SignInForm(None, data={"next": form.next.data, "kept": form.kept.data})
    # Not the key of passwords: these can be guessed, and their waits must not keep people with passkeys out.
    key = hashed_key("passkey", client.address)
    if form.validate():
        sent = {"credential": form.credential.data, "bound_to": ceremony(SIGN_IN)}
        try:
            check_failures(key)
            return finish_sign_in(sign_in_with_passkey(**sent, client=client), form)
        except TooManyRequests as error:
            return wait_page(refused, error, lambda: _page(refused))
        except (Invalid, Gone, Deleted) as error:
            count_failure(key)
            record_failure(EventKind.PASSKEY_FAILED, None)
            refused.form_errors.append(error.message)
    else:
        refused.form_errors.extend(map(str, form.credential.errors))
    return _page(refused), 422


def _page(form: SignInForm) -> str:
    return render_template("signin/new.html", form=form)


@signin_pages.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    end_session(current_user.token, by=actor())
    clear_session()
    response = redirect(url_for("signin.new"), 303)
    # Not "cookies": these hold the known device, and those of other instances on this host.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@signin_pages.errorhandler(CSRFError)
def show_form_again(error: CSRFError) -> ResponseReturnValue:
    if request.endpoint == "signin.sign_out":
        return handle_http(error)
    return form_with_new_csrf_token(SignInForm(), "signin/new.html", error)
