"""The page of one's own sessions."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.texts import _, ngettext
from webapp.signin.devices import describe_device
from webapp.signin.queries import sessions_of
from webapp.signin.sessions import end_session, end_sessions
from webapp.web.guards import actor, confirmed, signed_in

session_pages = Blueprint("account_sessions", __name__, url_prefix="/account/sessions")


@session_pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    sessions = sessions_of(current_user.id)
    devices = [(session, describe_device(session.agent)) for session in sessions]
    return render_template("account/sessions.html", devices=devices, current_id=current_user.session_id)


@session_pages.post("/<uuid:session_id>/end")
@confirmed
def end(session_id: UUID) -> ResponseReturnValue:
    """End one session of the signed-in user. Those of others are not found and stay."""
    end_session(session_id, user_id=current_user.id, by=actor())
    flash(_("Session ended"), "success")
    return redirect(url_for("account_sessions.index"), 303)


@session_pages.post("/end")
@confirmed
def end_others() -> ResponseReturnValue:
    count = end_sessions(current_user.id, by=actor(), keep=current_user.session_id)
    flash(ngettext("%(count)s session ended", "%(count)s sessions ended", count, count=count), "success")
    return redirect(url_for("account_sessions.index"), 303)
