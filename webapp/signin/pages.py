"""Pages to sign in and out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug import Response

from webapp.core.errors import Deleted, Gone, Invalid
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.factors.browser import SIGN_IN, ceremony
from webapp.factors.forms import PasskeyForm
from webapp.factors.passkeys import authentication_options
from webapp.signin import services
from webapp.signin.forms import ConfirmPasswordForm, SecondFactorForm, SignInForm
from webapp.signin.identity import (
    clear_session,
    client_address,
    pending_token,
    renew_session_token,
    set_pending_token,
    set_session_token,
)
from webapp.signin.second_step import finish_with_code, pending_sign_in, sign_in_with_passkey
from webapp.web.error_pages import csrf_problem, handle_http
from webapp.web.forms import Form, safe_next
from webapp.web.guards import actor, public, signed_in
from webapp.web.middleware import request_id
from webapp.web.rate_limits import hashed_key, too_many_requests

signin_pages = Blueprint("signin", __name__)
_FORMS: dict[str, tuple[type[Form], str]] = {
    "signin.sign_in": (SignInForm, "signin/new.html"),
    "signin.enter_second_factor": (SecondFactorForm, "signin/second_factor.html"),
    "signin.confirmed": (ConfirmPasswordForm, "signin/confirm.html"),
}


@signin_pages.get("/login")
@public
def new() -> ResponseReturnValue:
    form = SignInForm(data={"next": request.args.get("next")})
    if current_user.is_authenticated:
        return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    return render_template("signin/new.html", form=form)


@signin_pages.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate():
        try:
            found = services.sign_in(identifier=form.email.data, password=form.password.data, **_client())
        except Invalid as error:
            form.add_error(error)
        else:
            if found.pending_token:
                set_pending_token(found.pending_token)
                return redirect(url_for("signin.second_factor", next=form.next.data or None), 303)
            return _signed_in(found.session_token, form.next.data)
    return render_template("signin/new.html", form=form), 422


@signin_pages.get("/login/second-factor")
@public
def second_factor() -> ResponseReturnValue:
    form = SecondFactorForm(data={"next": request.args.get("next")})
    if pending_sign_in(pending_token()) is None:
        return redirect(url_for("signin.new", next=form.next.data or None), 303)
    return render_template("signin/second_factor.html", form=form)


@signin_pages.post("/login/second-factor")
@public
def enter_second_factor() -> ResponseReturnValue:
    form = SecondFactorForm()
    if form.validate():
        try:
            token = finish_with_code(pending_token(), code=form.code.data, **_client())
        except Invalid as error:
            form.add_error(error)
        except Gone as error:
            flash(error.message, "warn")
            return redirect(url_for("signin.new", next=form.next.data or None), 303)
        else:
            return _signed_in(token, form.next.data)
    return render_template("signin/second_factor.html", form=form), 422


@signin_pages.get("/login/passkey")
@public
def passkey_options() -> ResponseReturnValue:
    """Return what the browser needs to use a passkey, as JSON."""
    return jsonify(authentication_options(bound_to=ceremony(SIGN_IN)))


@signin_pages.post("/login/passkey")
@public
def use_passkey() -> ResponseReturnValue:
    """Sign in with a passkey, also as the second step."""
    form = PasskeyForm()
    refused = SignInForm(None, data={"next": form.next.data})
    if form.validate():
        sent = {"credential": form.credential.data, "bound_to": ceremony(SIGN_IN)}
        try:
            return _signed_in(sign_in_with_passkey(**sent, **_client()), form.next.data)
        except (Invalid, Gone, Deleted) as error:
            refused.form_errors.append(error.message)
    else:
        refused.form_errors.extend(map(str, form.credential.errors))
    return render_template("signin/new.html", form=refused), 422


def _client() -> dict[str, str]:
    """Return what a session records of its browser."""
    return {"address": client_address(), "agent": request.user_agent.string, "request_id": request_id()}


def _signed_in(token: str, wanted: str | None) -> Response:
    """Put the token of a new session into the cookie and go to the wanted page. An older session ends."""
    if current_user.is_authenticated:
        services.sign_out(current_user.token, by=actor())
    set_session_token(token)
    return redirect(safe_next(wanted, url_for("dashboard.show")), 303)


@signin_pages.get("/confirm")
@signed_in
def confirm() -> ResponseReturnValue:
    """Show the form for the password that sensitive pages require."""
    return render_template("signin/confirm.html", form=ConfirmPasswordForm(data={"next": request.args.get("next")}))


@signin_pages.post("/confirm")
@signed_in
def confirmed() -> ResponseReturnValue:
    form = ConfirmPasswordForm()
    if form.validate():
        try:
            token = services.confirm_password(current_user.token, password=form.password.data)
        except Invalid as error:
            form.add_error(error)
        else:
            renew_session_token(token)
            return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    return render_template("signin/confirm.html", form=form), 422


@signin_pages.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    services.sign_out(current_user.token, by=actor())
    clear_session()
    response = redirect(url_for("signin.new"), 303)
    # Not "cookies": these hold the known device, and those of other instances on this host.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@signin_pages.errorhandler(RateLimitExceeded)
def too_many_attempts(_error: RateLimitExceeded) -> ResponseReturnValue:
    """Show the form again, with what was typed and how long to wait."""
    refusal = too_many_requests(_("Too many failed attempts. Wait a few minutes, then try again."))
    form, template = _sent_form()
    form.add_error(refusal)
    return render_template(template, form=form), refusal.status, {"Retry-After": str(refusal.retry_after)}


@signin_pages.errorhandler(CSRFError)
def show_form_again(error: CSRFError) -> ResponseReturnValue:
    """Show the form again with a new token and what was typed. In a second tab, the person may be signed in already."""
    if request.endpoint not in _FORMS:
        return handle_http(error)
    form, template = _sent_form()
    if current_user.is_authenticated and request.endpoint != "signin.confirmed":
        return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    form.form_errors.append(csrf_problem(error))
    return render_template(template, form=form), 400


def _sent_form() -> tuple[Any, str]:
    """Return the form that this request sent, and its template."""
    form, template = _FORMS[request.endpoint or ""]
    return form(), template


def pending_key() -> str:
    """The person whose second factor is asked for. A new sign-in with the password does not start the count again."""
    pending = pending_sign_in(pending_token())
    return hashed_key("second_factor", str(pending.user_id if pending else ""))


def account_key() -> str:
    return hashed_key("account", caseless_key(request.form.get("email", "")))


def address_key() -> str:
    return hashed_key("address", client_address())


def user_key() -> str:
    return hashed_key("user", str(getattr(current_user, "id", "")))
