"""Pages of a change of one's own e-mail address."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.errors import Gone, Invalid, Taken
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.email_changes.forms import EmailForm
from webapp.email_changes.services import cancel_email_change, confirm_email_change, request_email_change
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.one_time_tokens.queries import open_token
from webapp.recovery.links import dead_link_page, valid_token
from webapp.signin.identity import link_holder
from webapp.users.queries import get_user
from webapp.web.forms import Form
from webapp.web.guards import actor, confirmed, public, requires, signed_in
from webapp.web.link_tokens import clear_link_token, trade_token

email_change_pages = Blueprint("email_changes", __name__)
email_change_pages.register_error_handler(Gone, dead_link_page)


@email_change_pages.get("/account/email")
@confirmed
def new() -> ResponseReturnValue:
    return _page(EmailForm())


@email_change_pages.post("/account/email")
@confirmed
def ask() -> ResponseReturnValue:
    form = EmailForm()
    if form.validate():
        try:
            email = request_email_change(current_user.id, email=form.email.data or "", by=actor())
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("Open the e-mail that we sent to %(email)s to confirm the address", email=email), "success")
            return redirect(url_for("account.show"), 303)
    return _page(form), 422


@email_change_pages.post("/account/email/cancellation")
@signed_in
def cancel() -> ResponseReturnValue:
    cancel_email_change(current_user.id, by=actor())
    flash(_("Your e-mail address stays as it is"), "success")
    return redirect(url_for("account.show"), 303)


@email_change_pages.post("/users/<uuid:user_id>/email-change/cancellation")
@requires(Permission.USERS_EDIT)
def cancel_for(user_id: UUID) -> ResponseReturnValue:
    cancel_email_change(user_id, by=actor())
    flash(_("The change of the e-mail address is cancelled"), "success")
    return redirect(url_for("user_security.show", user_id=user_id), 303)


@email_change_pages.get("/email-change")
@public
def show() -> ResponseReturnValue:
    """Ask for the confirmation. This works signed out, on any device."""
    if answer := trade_token("email-change"):
        return answer
    return _confirmation_page(valid_token("email-change", TokenKind.EMAIL_CHANGE), Form())


@email_change_pages.post("/email-change")
@public
def confirm() -> ResponseReturnValue:
    token = valid_token("email-change", TokenKind.EMAIL_CHANGE)
    try:
        user = confirm_email_change(token, by=link_holder(get_user(token.user_id)))
    except (Invalid, Taken) as error:
        form = Form()
        form.add_error(error)
        return _confirmation_page(valid_token("email-change", TokenKind.EMAIL_CHANGE), form), error.status
    response = make_response(render_template("email_changes/done.html", user=user))
    clear_link_token(response, "email-change")
    return response


def _page(form: EmailForm) -> str:
    pending = open_token(current_user.id, TokenKind.EMAIL_CHANGE)
    return render_template("email_changes/new.html", form=form, user=current_user.user, pending=pending)


def _confirmation_page(token: OneTimeToken, form: Form) -> str:
    user = get_user(token.user_id)
    return render_template("email_changes/confirm.html", form=form, user=user, email=token.data["email"])
