"""Pages to sign in and out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webapp.core.errors import Deleted, Gone, Invalid, TooManyRequests
from webapp.core.tokens import hashed_key
from webapp.factors.browser import CONFIRM, SIGN_IN, ceremony
from webapp.factors.forms import PasskeyForm
from webapp.factors.passkeys import authentication_options
from webapp.factors.queries import factor_summary
from webapp.signin import services
from webapp.signin.events import record_event
from webapp.signin.forms import ConfirmPasswordForm, SecondFactorForm, SignInForm
from webapp.signin.identity import (
    browser_client,
    clear_session,
    client_address,
    pending_token,
    renew_session_token,
    set_pending_token,
    set_session_token,
)
from webapp.signin.kept_fields import shown_fields
from webapp.signin.models import EventKind
from webapp.signin.second_step import finish_with_code, pending_sign_in, sign_in_with_passkey
from webapp.web.error_pages import csrf_problem, handle_http, referrer
from webapp.web.failure_limits import check_failures, count_failure, forget_failures, give_back_attempts, take_attempt
from webapp.web.forms import Form, safe_next
from webapp.web.guards import actor, public, signed_in
from webapp.web.kept_forms import continue_page, kept_field, read_kept

# Tries of a second factor that a person may have. A code has six digits.
SECOND_FACTOR_LIMIT = "5/5minutes"

signin_pages = Blueprint("signin", __name__)
_FORMS: dict[str, tuple[type[Form], str]] = {
    "signin.sign_in": (SignInForm, "signin/new.html"),
    "signin.enter_second_factor": (SecondFactorForm, "signin/second_factor.html"),
    # Its template needs more: see `_confirm_page`.
    "signin.confirmed": (ConfirmPasswordForm, ""),
}


@signin_pages.get("/login")
@public
def new() -> ResponseReturnValue:
    form = SignInForm(None, data=_carried())
    if current_user.is_authenticated:
        return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    return render_template("signin/new.html", form=form)


@signin_pages.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return render_template("signin/new.html", form=form), 422
    client = browser_client()
    keys = services.attempt_keys(form.email.data, client)
    try:
        check_failures(*keys)
        found = services.sign_in(identifier=form.email.data, password=form.password.data, client=client)
    except TooManyRequests as error:
        return _wait(error)
    except Invalid as error:
        if count_failure(*keys):
            services.record_lockout(form.email.data, client)
        form.add_error(error)
        return render_template("signin/new.html", form=form), 422
    # Not the address: one account must not allow more tries of others.
    forget_failures(keys[0])
    if found.pending_token:
        set_pending_token(found.pending_token)
        if form.kept.data:
            second = SecondFactorForm(None, data={"next": form.next.data, "kept": form.kept.data})
            return render_template("signin/second_factor.html", form=second)
        return redirect(url_for("signin.second_factor", next=form.next.data or None), 303)
    return _signed_in(found.session_token, form)


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
    form, client = SecondFactorForm(), browser_client()
    if form.validate():
        key = _pending_key()
        try:
            take_attempt(key, SECOND_FACTOR_LIMIT)
            token = finish_with_code(pending_token(), code=form.code.data, client=client)
        except TooManyRequests as error:
            return _wait(error)
        except Invalid as error:
            record_event(EventKind.SECOND_FACTOR_FAILED, user_id=_pending_user_id(), **_where(client))
            form.add_error(error)
        except Gone as error:
            flash(error.message, "warn")
            return redirect(url_for("signin.new", next=form.next.data or None), 303)
        else:
            give_back_attempts(key, SECOND_FACTOR_LIMIT)
            return _signed_in(token, form)
    return render_template("signin/second_factor.html", form=form), 422


def _pending_user_id() -> UUID | None:
    pending = pending_sign_in(pending_token())
    return pending.user_id if pending else None


def _pending_key() -> str:
    """The person whose second factor is asked for. A new sign-in with the password does not start the count again."""
    return services.second_factor_key(_pending_user_id())


def _where(client: services.Client) -> dict[str, str]:
    return {"address": client.address, "agent": client.agent}


def _wait(error: TooManyRequests) -> ResponseReturnValue:
    """Show the form again, with what was typed and how long to wait."""
    form, template = _sent_form()
    form.add_error(error)
    return render_template(template, form=form), error.status, {"Retry-After": str(error.retry_after)}


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
    if form.validate():
        sent = {"credential": form.credential.data, "bound_to": ceremony(SIGN_IN)}
        try:
            return _signed_in(sign_in_with_passkey(**sent, client=client), form)
        except (Invalid, Gone, Deleted) as error:
            record_event(EventKind.PASSKEY_FAILED, user_id=None, **_where(client))
            refused.form_errors.append(error.message)
    else:
        refused.form_errors.extend(map(str, form.credential.errors))
    return render_template("signin/new.html", form=refused), 422


def _carried() -> dict[str, str | None]:
    """Return where to go after this form, and the form that is kept until then."""
    back = referrer() if request.method == "POST" else request.args.get("next")
    return {"next": back, "kept": kept_field()}


def _signed_in(token: str, form: Any) -> ResponseReturnValue:
    """Put the token of a new session into the cookie and go on. An older session ends."""
    if current_user.is_authenticated:
        services.sign_out(current_user.token, by=actor())
    set_session_token(token)
    return _go_on(form)


def _go_on(form: Any) -> ResponseReturnValue:
    """Show the kept form, or go to the wanted page."""
    back = safe_next(form.next.data, url_for("dashboard.show"))
    kept = read_kept(form.kept.data)
    return continue_page(kept, back=back, fields=shown_fields(kept)) if kept else redirect(back, 303)


@signin_pages.get("/confirm")
@signed_in
def confirm() -> ResponseReturnValue:
    """Show the form for the factors that sensitive pages require."""
    return _confirm_page(ConfirmPasswordForm(None, data=_carried()))


@signin_pages.post("/confirm")
@signed_in
def confirmed() -> ResponseReturnValue:
    form, key = ConfirmPasswordForm(), hashed_key("confirmation", str(current_user.id))
    if form.validate():
        code_key = services.second_factor_key(current_user.id)
        try:
            check_failures(key)
            if current_user.user.second_factor_at:
                take_attempt(code_key, SECOND_FACTOR_LIMIT)
            sent = {"password": form.password.data, "code": form.code.data or ""}
            token = services.confirm_password(current_user.token, **sent, by=actor())
        except TooManyRequests as error:
            form.add_error(error)
            return _confirm_page(form), error.status, {"Retry-After": str(error.retry_after)}
        except Invalid as error:
            count_failure(key)
            _record_failed_confirmation()
            form.add_error(error)
        else:
            forget_failures(key)
            give_back_attempts(code_key, SECOND_FACTOR_LIMIT)
            renew_session_token(token)
            return _go_on(form)
    return _confirm_page(form), 422


@signin_pages.get("/confirm/passkey")
@signed_in
def confirm_options() -> ResponseReturnValue:
    """Return what the browser needs to use one of the person's passkeys, as JSON."""
    return jsonify(authentication_options(current_user.id, bound_to=ceremony(CONFIRM)))


@signin_pages.post("/confirm/passkey")
@signed_in
def confirm_by_passkey() -> ResponseReturnValue:
    form = PasskeyForm()
    refused = ConfirmPasswordForm(None, data={"next": form.next.data, "kept": form.kept.data})
    if form.validate():
        sent = {"credential": form.credential.data, "bound_to": ceremony(CONFIRM)}
        try:
            renew_session_token(services.confirm_with_passkey(current_user.token, **sent, by=actor()))
            return _go_on(form)
        except (Invalid, Gone) as error:
            _record_failed_confirmation()
            refused.form_errors.append(error.message)
    else:
        refused.form_errors.extend(map(str, form.credential.errors))
    return _confirm_page(refused), 422


def _confirm_page(form: ConfirmPasswordForm) -> str:
    return render_template("signin/confirm.html", form=form, factors=factor_summary(current_user.id))


def _record_failed_confirmation() -> None:
    where = {"address": client_address(), "agent": request.user_agent.string}
    record_event(EventKind.CONFIRMATION_FAILED, user_id=current_user.id, **where)


@signin_pages.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    services.sign_out(current_user.token, by=actor())
    clear_session()
    response = redirect(url_for("signin.new"), 303)
    # Not "cookies": these hold the known device, and those of other instances on this host.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@signin_pages.errorhandler(CSRFError)
def show_form_again(error: CSRFError) -> ResponseReturnValue:
    """Show the form again with a new token and what was typed. In a second tab, the person may be signed in already."""
    if request.endpoint not in _FORMS:
        return handle_http(error)
    form, template = _sent_form()
    if request.endpoint == "signin.confirmed":
        form.form_errors.append(csrf_problem(error))
        return _confirm_page(form), 400
    if current_user.is_authenticated:
        return redirect(safe_next(form.next.data, url_for("dashboard.show")), 303)
    form.form_errors.append(csrf_problem(error))
    return render_template(template, form=form), 400


def _sent_form() -> tuple[Any, str]:
    """Return the form that this request sent, and its template."""
    form, template = _FORMS[request.endpoint or ""]
    return form(), template


def address_key() -> str:
    return hashed_key("address", client_address())


def user_key() -> str:
    return hashed_key("user", str(getattr(current_user, "id", "")))
