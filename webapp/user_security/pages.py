"""What administrators can do about how a person signs in."""

from __future__ import annotations

from uuid import UUID

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.access.powers import permanent_owners
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.factors.queries import factor_summary
from webapp.signin.queries import sessions_of
from webapp.user_security.services import issue_one_time_pass, mark_compromised, start_reset
from webapp.users.forms import ConfirmForm
from webapp.users.queries import get_user
from webapp.web.forms import catch_invalid
from webapp.web.guards import actor, reach, requires

user_security_pages = Blueprint("user_security", __name__, url_prefix="/users/<uuid:user_id>")


@user_security_pages.post("/password-reset")
@requires(Permission.USERS_RESET, sudo=True)
def reset_password(user_id: UUID) -> ResponseReturnValue:
    user = start_reset(user_id, by=actor())
    flash(_("%(name)s gets an e-mail with a link for a new password", name=user.name), "success")
    return redirect(url_for("users.show", user_id=user_id), 303)


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
    return redirect(url_for("users.show", user_id=user_id), 303)


def _compromised_page(user_id: UUID, form: ConfirmForm) -> str:
    return render_template(
        "user_security/compromised.html",
        user=get_user(user_id, reach=reach(Permission.USERS_READ)),
        form=form,
        sessions=len(sessions_of(user_id)),
        factors=factor_summary(user_id),
        is_last_owner=permanent_owners() == {user_id},
    )
