"""The page of the second step of a sign-in: a code after the password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from webapp.core.errors import Gone, Invalid, TooManyRequests
from webapp.signin.continuing import finish_sign_in, form_with_new_csrf_token
from webapp.signin.forms import SecondFactorForm, SignInForm
from webapp.signin.identity import browser_client, pending_token, record_failure
from webapp.signin.models import EventKind
from webapp.signin.second_step import (
    SECOND_FACTOR_LIMIT,
    finish_with_code,
    pending_sign_in,
    second_factor_key,
    too_late,
)
from webapp.web.failure_limits import give_back_attempts, take_attempt
from webapp.web.forms import wait_page
from webapp.web.guards import public

second_factor_pages = Blueprint("second_factor", __name__, url_prefix="/login/second-factor")


@second_factor_pages.get("")
@public
def show() -> ResponseReturnValue:
    form = SecondFactorForm(data={"next": request.args.get("next")})
    if pending_sign_in(pending_token()) is None:
        return redirect(url_for("signin.new", next=form.next.data or None), 303)
    return _page(form)


@second_factor_pages.post("")
@public
def enter() -> ResponseReturnValue:
    form = SecondFactorForm()
    pending = pending_sign_in(pending_token())
    if pending is None:
        # Without a person, all strangers would share one count of attempts.
        return _start_again(too_late(), form)
    user_id = pending.user_id
    if form.validate():
        # A new sign-in with the password does not start the count of the person again.
        key = second_factor_key(user_id)
        try:
            take_attempt(key, SECOND_FACTOR_LIMIT)
            token = finish_with_code(pending_token(), code=form.code.data, client=browser_client())
        except TooManyRequests as error:
            return wait_page(form, error, lambda: _page(form))
        except Invalid as error:
            record_failure(EventKind.SECOND_FACTOR_FAILED, user_id)
            form.add_error(error)
        except Gone as error:
            return _start_again(error, form)
        else:
            give_back_attempts(key, SECOND_FACTOR_LIMIT)
            return finish_sign_in(token, form)
    return _page(form), 422


def _page(form: SecondFactorForm) -> str:
    return render_template("signin/second_factor.html", form=form)


def _start_again(error: Gone, form: SecondFactorForm) -> ResponseReturnValue:
    """Lead to the form for the password. Go on with the form that is kept."""
    if form.kept.data:
        first = SignInForm(None, data={"next": form.next.data, "kept": form.kept.data})
        first.add_error(error)
        return render_template("signin/new.html", form=first), error.status
    flash(error.message, "warn")
    return redirect(url_for("signin.new", next=form.next.data or None), 303)


@second_factor_pages.errorhandler(CSRFError)
def show_form_again(error: CSRFError) -> ResponseReturnValue:
    return form_with_new_csrf_token(SecondFactorForm(), "signin/second_factor.html", error)
