"""What administrators can do about how a person signs in."""

from __future__ import annotations

from uuid import UUID

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.access.powers import permanent_owners, powers_of
from webapp.access.summaries import access_summaries
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.factors.queries import factor_summary
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.queries import open_token
from webapp.signin.devices import describe_device
from webapp.signin.queries import security_events_of, sessions_of
from webapp.signin.required_steps import lacks_second_factor, must_change_password
from webapp.user_security.services import (
    end_sessions_of,
    issue_one_time_pass,
    mark_compromised,
    remove_factor_of,
    start_reset,
)
from webapp.user_security.sign_in_check import sign_in_steps
from webapp.users.forms import ConfirmForm
from webapp.users.queries import is_in_reach
from webapp.users.viewer import get_visible_user
from webapp.web.forms import catch_invalid
from webapp.web.guards import actor, can, reach, requires

user_security_pages = Blueprint("user_security", __name__, url_prefix="/users/<uuid:user_id>")
EVENTS = 20


@user_security_pages.get("/security")
@requires(Permission.USERS_READ)
def show(user_id: UUID) -> ResponseReturnValue:
    user, powers = get_visible_user(user_id), powers_of(user_id)
    return render_template(
        "user_security/show.html",
        user=user,
        labels=access_summaries([user_id])[user_id],
        problems=[step for step in sign_in_steps(user, powers) if not step.passed],
        must_change_password=must_change_password(user),
        factor_due_at=user.second_factor_due_at if lacks_second_factor(user, powers) else None,
        factors=factor_summary(user_id),
        sessions=[(session, describe_device(session.agent)) for session in sessions_of(user_id)],
        events=[(event, describe_device(event.agent)) for event in security_events_of(user_id, EVENTS)],
        pending=open_token(user_id, TokenKind.EMAIL_CHANGE),
        can_help=can(Permission.USERS_RESET) and is_in_reach(user_id, reach(Permission.USERS_RESET)),
    )


@user_security_pages.get("/sign-in-check")
@requires(Permission.USERS_READ)
def sign_in_check(user_id: UUID) -> ResponseReturnValue:
    user = get_visible_user(user_id)
    return render_template("user_security/sign_in_check.html", user=user, steps=sign_in_steps(user, powers_of(user_id)))


@user_security_pages.post("/sessions/end")
@requires(Permission.USERS_RESET, sudo=True)
def end_sessions(user_id: UUID) -> ResponseReturnValue:
    end_sessions_of(user_id, by=actor())
    flash(_("All sessions ended"), "success")
    return _back(user_id)


@user_security_pages.post("/sessions/<uuid:session_id>/end")
@requires(Permission.USERS_RESET, sudo=True)
def end_session(user_id: UUID, session_id: UUID) -> ResponseReturnValue:
    end_sessions_of(user_id, session_id=session_id, by=actor())
    flash(_("Session ended"), "success")
    return _back(user_id)


@user_security_pages.post("/factors/<factor>/removal")
@requires(Permission.USERS_RESET, sudo=True)
def remove_factor(user_id: UUID, factor: str) -> ResponseReturnValue:
    remove_factor_of(user_id, factor, by=actor())
    flash(_("Second factor removed. The user gets an e-mail about it."), "success")
    return _back(user_id)


@user_security_pages.post("/password-reset")
@requires(Permission.USERS_RESET, sudo=True)
def reset_password(user_id: UUID) -> ResponseReturnValue:
    user = start_reset(user_id, by=actor())
    flash(_("%(name)s gets an e-mail with a link for a new password", name=user.name), "success")
    return _back(user_id)


@user_security_pages.post("/one-time-pass")
@requires(Permission.USERS_RESET, sudo=True)
def give_one_time_pass(user_id: UUID) -> ResponseReturnValue:
    """Show the link in the answer: it cannot be read again."""
    issued = issue_one_time_pass(user_id, by=actor())
    image = segno.make(issued.address, error="m", micro=False).svg_data_uri(scale=5, dark="#000", light="#fff")
    return render_template("user_security/one_time_pass.html", issued=issued, user=issued.user, image=image)


@user_security_pages.get("/compromised")
@requires(Permission.USERS_RESET, sudo=True)
def preview_compromised(user_id: UUID) -> ResponseReturnValue:
    return _compromised_page(user_id, ConfirmForm())


@user_security_pages.post("/compromised")
@requires(Permission.USERS_RESET, sudo=True)
def compromise(user_id: UUID) -> ResponseReturnValue:
    form = ConfirmForm()
    user = catch_invalid(form, lambda: mark_compromised(user_id, by=actor()))
    if user is None:
        return _compromised_page(user_id, form), 422
    flash(
        _("%(name)s is signed out everywhere and gets an e-mail with a link for a new password", name=user.name),
        "success",
    )
    return _back(user_id)


def _back(user_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("user_security.show", user_id=user_id), 303)


def _compromised_page(user_id: UUID, form: ConfirmForm) -> str:
    return render_template(
        "user_security/compromised.html",
        user=get_visible_user(user_id),
        form=form,
        sessions=len(sessions_of(user_id)),
        factors=factor_summary(user_id),
        is_last_owner=permanent_owners() == {user_id},
    )
