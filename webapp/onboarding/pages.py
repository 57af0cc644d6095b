"""The pages of an invited person, one question each: name and language, then how they sign in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.errors import Gone, Invalid
from webapp.core.formats import viewer_timezone
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _, language
from webapp.factors.browser import REGISTER, ceremony
from webapp.factors.forms import PasskeyForm
from webapp.factors.passkey_options import registration_options
from webapp.mail.queries import letterhead
from webapp.onboarding.forms import AskForm, FirstPasswordForm, ProfileForm
from webapp.onboarding.services import (
    DeadInvitation,
    accept_with_passkey,
    accept_with_password,
    ask_for_invitation,
    open_invitation,
    save_profile,
)
from webapp.one_time_tokens.models import OneTimeToken, TokenState
from webapp.signin.identity import client_address, link_holder, start_browser_session
from webapp.signin.sessions import sign_out
from webapp.users.models import User
from webapp.users.passwords import password_minimum
from webapp.web.guards import actor, public
from webapp.web.link_tokens import clear_link_token, link_token, trade_token
from webapp.web.middleware import request_id

onboarding_pages = Blueprint("onboarding", __name__, url_prefix="/invitation")
LINK = "invitation"


@onboarding_pages.errorhandler(Gone)
def dead(error: Gone) -> ResponseReturnValue:
    """Say why the link does not work. Gone of the token itself: it was used at the same moment."""
    state = error.state if isinstance(error, DeadInvitation) else TokenState.USED
    return _dead_page(state, AskForm()), 410


@onboarding_pages.get("")
@public
def show() -> ResponseReturnValue:
    if answer := trade_token(LINK):
        return answer
    token, user = _opened()
    return _profile_page(ProfileForm(name=user.name, locale=user.locale or language()), token, user)


@onboarding_pages.post("")
@public
def save() -> ResponseReturnValue:
    token, user = _opened()
    form = ProfileForm()
    if form.validate():
        try:
            save_profile(link_token(LINK), **form.values, by=link_holder(user))
        except Invalid as error:
            form.add_error(error)
        else:
            session["lang"] = form.locale.data
            return redirect(url_for("onboarding.new_password"), 303)
    return _profile_page(form, token, user), 422


@onboarding_pages.get("/password")
@public
def new_password() -> ResponseReturnValue:
    _token, user = _opened()
    return _password_page(FirstPasswordForm(), user)


@onboarding_pages.post("/password")
@public
def set_password() -> ResponseReturnValue:
    _token, user = _opened()
    form = FirstPasswordForm()
    if form.validate():
        try:
            user = accept_with_password(link_token(LINK), password=form.password.data or "", by=link_holder(user))
        except Invalid as error:
            form.add_error(error)
        else:
            return _finished(user)
    return _password_page(form, user), 422


@onboarding_pages.get("/passkey/options")
@public
def passkey_options() -> ResponseReturnValue:
    """Return what the browser needs to create a passkey, as JSON."""
    _token, user = _opened()
    return jsonify(registration_options(user, bound_to=ceremony(REGISTER)))


@onboarding_pages.post("/passkey")
@public
def create_passkey() -> ResponseReturnValue:
    """Accept with a passkey, then lead to the recovery codes."""
    _token, user = _opened()
    form = PasskeyForm()
    if form.validate():
        sent = {"credential": form.credential.data or "", "bound_to": ceremony(REGISTER)}
        try:
            user = accept_with_passkey(link_token(LINK), **sent, by=link_holder(user))
        except DeadInvitation:
            raise
        except (Invalid, Gone) as error:
            # Gone: the challenge is too old. If the link was used meanwhile, the next page says so.
            form.add_error(error)
        else:
            return _finished(user, "factors.recovery_codes")
    return _password_page(FirstPasswordForm(), user, form), 422


@onboarding_pages.post("/again")
@public
def ask() -> ResponseReturnValue:
    """The answer is the same whether or not the address is known: a job decides."""
    form = AskForm()
    if not form.validate():
        return _dead_page(None, form), 422
    visitor = Actor(ActorKind.SYSTEM, "Rollcall", address=client_address(), request_id=request_id())
    ask_for_invitation(form.email.data or "", by=visitor)
    return render_template("onboarding/asked.html", email=form.email.data)


def _opened() -> tuple[OneTimeToken, User]:
    """Return the link of this browser and its person, whose language the pages are in. Raise DeadInvitation."""
    token, user = open_invitation(link_token(LINK))
    if user.locale:
        session.setdefault("lang", user.locale)
    return token, user


def _finished(user: User, endpoint: str = "dashboard.show") -> ResponseReturnValue:
    """Sign in the person who has just accepted. Lead to the sign-in page if their access has not started."""
    if current_user.is_authenticated:
        sign_out(current_user.token, by=actor())
    if user.can_sign_in:
        start_browser_session(user)
        flash(_("Your account is ready"), "success")
        response = redirect(url_for(endpoint), 303)
    else:
        flash(_("Your account is ready. You cannot sign in yet."), "success")
        response = redirect(url_for("signin.new"), 303)
    clear_link_token(response, LINK)
    return response


def _profile_page(form: ProfileForm, token: OneTimeToken, user: User) -> str:
    zone = viewer_timezone().key
    return render_template("onboarding/profile.html", form=form, token=token, user=user, zone=zone, **_organisation())


def _password_page(form: FirstPasswordForm, user: User, passkey_form: PasskeyForm | None = None) -> str:
    passkey_form = passkey_form or PasskeyForm(formdata=None)
    minimum = password_minimum(user)
    return render_template("onboarding/password.html", form=form, passkey_form=passkey_form, user=user, minimum=minimum)


def _dead_page(state: TokenState | None, form: AskForm) -> str:
    return render_template("onboarding/dead.html", state=state, form=form, **_organisation())


def _organisation() -> dict[str, Any]:
    ours = letterhead(language())
    return {"organisation": ours.name or "Rollcall", "support_contact": ours.support_contact}
