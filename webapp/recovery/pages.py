"""Pages that lead back into an account: the request of a reset, and its link."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug import Response

from webapp.core.errors import Gone, Invalid, TooManyRequests
from webapp.core.texts import _
from webapp.factors.browser import RESET, ceremony
from webapp.factors.forms import PasskeyForm
from webapp.factors.passkey_options import authentication_options
from webapp.factors.queries import factor_summary
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.one_time_tokens.queries import ASK_AFTER
from webapp.recovery.forms import CodeForm, ForgotForm, NewPasswordForm
from webapp.recovery.links import dead_link_page, valid_token
from webapp.recovery.queries import needs_second_factor
from webapp.recovery.services import (
    FACTOR_PASSED,
    can_recover,
    lock_account,
    pass_second_factor,
    pass_with_passkey,
    request_reset,
    reset_password,
)
from webapp.signin.identity import client_address, link_holder, record_failure, start_browser_session
from webapp.signin.models import EventKind
from webapp.signin.second_step import SECOND_FACTOR_LIMIT, second_factor_key
from webapp.signin.sessions import sign_out
from webapp.users.models import User
from webapp.users.passwords import password_minimum
from webapp.users.queries import get_user
from webapp.web.failure_limits import give_back_attempts, take_attempt
from webapp.web.forms import Form, wait_page
from webapp.web.guards import actor, public
from webapp.web.link_tokens import clear_link_token, trade_token

recovery_pages = Blueprint("recovery", __name__)
recovery_pages.register_error_handler(Gone, dead_link_page)


@recovery_pages.get("/forgot")
@public
def forgot() -> ResponseReturnValue:
    return render_template("recovery/forgot.html", form=ForgotForm())


@recovery_pages.post("/forgot")
@public
def send() -> ResponseReturnValue:
    """The answer is the same whether or not there is an account: a job looks for it."""
    form = ForgotForm()
    if not form.validate():
        return render_template("recovery/forgot.html", form=form), 422
    request_reset(form.email.data or "", address=client_address())
    return render_template("recovery/sent.html", form=form, seconds=int(ASK_AFTER.total_seconds()))


@recovery_pages.get("/reset")
@public
def show() -> ResponseReturnValue:
    if answer := trade_token("reset"):
        return answer
    token, user = _link()
    if _asks_second_factor(token, user):
        return _factor_page(CodeForm(), user)
    return _password_page(NewPasswordForm(), token, user)


@recovery_pages.post("/reset")
@public
def reset() -> ResponseReturnValue:
    token, user = _link()
    if _asks_second_factor(token, user):
        return _pass_code(token, user)
    form = NewPasswordForm()
    if not form.validate():
        return _password_page(form, token, user), 422
    try:
        user = reset_password(token, password=form.password.data or "", by=link_holder(user))
    except Invalid as error:
        form.add_error(error)
        return _password_page(form, token, user), 422
    response = _signed_in(user)
    clear_link_token(response, "reset")
    return response


@recovery_pages.get("/reset/passkey")
@public
def passkey_options() -> ResponseReturnValue:
    """Return what the browser needs to use one of the person's passkeys, as JSON."""
    _token, user = _link()
    return jsonify(authentication_options(user.id, bound_to=ceremony(RESET)))


@recovery_pages.post("/reset/passkey")
@public
def use_passkey() -> ResponseReturnValue:
    """Let the person choose a password after they used a passkey instead of a code."""
    token, user = _link()
    form, refused, by = PasskeyForm(), CodeForm(None), link_holder(user)
    if not _asks_second_factor(token, user):
        return redirect(url_for("recovery.show"), 303)
    if form.validate():
        try:
            pass_with_passkey(token, credential=form.credential.data or "", bound_to=ceremony(RESET), by=by)
            return redirect(url_for("recovery.show"), 303)
        except (Invalid, Gone) as error:
            record_failure(EventKind.PASSKEY_FAILED, by.id)
            refused.form_errors.append(error.message)
    else:
        refused.form_errors.extend(map(str, form.credential.errors))
    return _factor_page(refused, user), 422


@recovery_pages.get("/not-me")
@public
def not_me() -> ResponseReturnValue:
    """Ask whether to lock the account. This works signed out."""
    if answer := trade_token("not-me"):
        return answer
    user = get_user(valid_token("not-me", TokenKind.NOT_ME).user_id)
    return render_template("recovery/not_me.html", user=user, form=Form())


@recovery_pages.post("/not-me")
@public
def lock() -> ResponseReturnValue:
    token = valid_token("not-me", TokenKind.NOT_ME)
    user = get_user(token.user_id)
    mailed = lock_account(token, by=link_holder(user))
    response = make_response(render_template("recovery/locked.html", mailed=mailed, has_access=can_recover(user)))
    clear_link_token(response, "not-me")
    return response


def _pass_code(token: OneTimeToken, user: User) -> ResponseReturnValue:
    """The tries are those of the sign-in: a new link does not start their count again."""
    form, key, by = CodeForm(), second_factor_key(user.id), link_holder(user)
    if form.validate():
        try:
            take_attempt(key, SECOND_FACTOR_LIMIT)
            pass_second_factor(token, code=form.code.data or "", by=by)
        except TooManyRequests as error:
            return wait_page(form, error, lambda: _factor_page(form, user))
        except Invalid as error:
            record_failure(EventKind.SECOND_FACTOR_FAILED, by.id)
            form.add_error(error)
        else:
            give_back_attempts(key, SECOND_FACTOR_LIMIT)
            return redirect(url_for("recovery.show"), 303)
    return _factor_page(form, user), 422


def _signed_in(user: User) -> Response:
    """Sign in the person who has just chosen a password. Lead to the sign-in if their access has not started."""
    if current_user.is_authenticated:
        sign_out(current_user.token, by=actor())
    if not user.can_sign_in:
        flash(_("Password saved. You cannot sign in yet."), "success")
        return redirect(url_for("signin.new"), 303)
    start_browser_session(user)
    flash(_("Password saved. All your other sessions have ended."), "success")
    return redirect(url_for("dashboard.show"), 303)


def _link() -> tuple[OneTimeToken, User]:
    token = valid_token("reset", TokenKind.RESET, TokenKind.ONE_TIME_PASS)
    return token, get_user(token.user_id)


def _asks_second_factor(token: OneTimeToken, user: User) -> bool:
    return token.kind == TokenKind.RESET and needs_second_factor(user) and not token.data.get(FACTOR_PASSED)


def _factor_page(form: CodeForm, user: User) -> str:
    return render_template("recovery/second_factor.html", form=form, factors=factor_summary(user.id))


def _password_page(form: NewPasswordForm, token: OneTimeToken, user: User) -> str:
    minimum = password_minimum(user, keeps_factors=token.kind != TokenKind.ONE_TIME_PASS)
    return render_template("recovery/password.html", form=form, user=user, minimum=minimum)
