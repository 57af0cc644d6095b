"""Pages to sign in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webapp.core.errors import Invalid
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.signin import services
from webapp.signin.forms import ConfirmPasswordForm, SignInForm
from webapp.signin.identity import clear_session, client_address, renew_session_token, set_session_token
from webapp.web.error_pages import csrf_problem, handle_http
from webapp.web.forms import safe_next
from webapp.web.guards import actor, public, signed_in
from webapp.web.middleware import request_id
from webapp.web.rate_limits import hashed_key, too_many_requests

signin_pages = Blueprint("signin", __name__)


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
            token = services.sign_in(
                identifier=form.email.data,
                password=form.password.data,
                address=client_address(),
                agent=request.user_agent.string,
                request_id=request_id(),
            )
        except Invalid as error:
            form.add_error(error)
        else:
            if current_user.is_authenticated:
                services.sign_out(current_user.token, by=actor())
            set_session_token(token)
            return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    return render_template("signin/new.html", form=form), 422


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
    return redirect(url_for("signin.new"), 303)


@signin_pages.errorhandler(RateLimitExceeded)
def too_many_attempts(_error: RateLimitExceeded) -> ResponseReturnValue:
    """Show the form again, with what was typed and how long to wait."""
    refusal = too_many_requests(_("Too many failed attempts. Wait a few minutes, then try again."))
    confirms = request.endpoint == "signin.confirmed"
    form = ConfirmPasswordForm() if confirms else SignInForm()
    form.add_error(refusal)
    page = render_template("signin/confirm.html" if confirms else "signin/new.html", form=form)
    return page, refusal.status, {"Retry-After": str(refusal.retry_after)}


@signin_pages.errorhandler(CSRFError)
def show_form_again(error: CSRFError) -> ResponseReturnValue:
    """Show the form again with a new token and what was typed. In a second tab, the person may be signed in already."""
    if request.endpoint not in {"signin.sign_in", "signin.confirmed"}:
        return handle_http(error)
    confirms = request.endpoint == "signin.confirmed"
    form = ConfirmPasswordForm() if confirms else SignInForm()
    if current_user.is_authenticated and not confirms:
        return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    form.form_errors.append(csrf_problem(error))
    return render_template("signin/confirm.html" if confirms else "signin/new.html", form=form), 400


def account_key() -> str:
    return hashed_key("account", caseless_key(request.form.get("email", "")))


def address_key() -> str:
    return hashed_key("address", client_address())


def user_key() -> str:
    return hashed_key("user", str(getattr(current_user, "id", "")))
