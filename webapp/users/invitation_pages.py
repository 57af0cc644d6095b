"""What can be done with a user's invitation: send it, revoke it, pass on a link."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.flashes import flash_done
from webapp.core.errors import Forbidden, WrongState
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.users.forms import ConfirmForm
from webapp.users.inviting import invite_user, link_for_user, withdraw_invitation
from webapp.users.models import User
from webapp.users.viewer import get_visible_user
from webapp.web.forms import Form
from webapp.web.guards import actor, requires

invitation_pages = Blueprint("user_invitation", __name__, url_prefix="/users/<uuid:user_id>/invitation")


@invitation_pages.post("")
@requires(Permission.USERS_CREATE)
def send(user_id: UUID) -> ResponseReturnValue:
    return _outcome(user_id, lambda: invite_user(user_id, by=actor()), done=_("The invitation will be sent at once"))


@invitation_pages.post("/revocation")
@requires(Permission.USERS_CREATE)
def revoke(user_id: UUID) -> ResponseReturnValue:
    return _outcome(user_id, lambda: withdraw_invitation(user_id, by=actor()), done=_("The link no longer works"))


@invitation_pages.get("/link")
@requires(Permission.USERS_RESET, sudo=True)
def confirm_link(user_id: UUID) -> ResponseReturnValue:
    return _link_page(user_id, ConfirmForm())


@invitation_pages.post("/link")
@requires(Permission.USERS_RESET, sudo=True)
def create_link(user_id: UUID) -> ResponseReturnValue:
    """Show the link in the answer itself: no other page can show it."""
    form = ConfirmForm()
    try:
        address = link_for_user(user_id, by=actor())
    except (Forbidden, WrongState) as error:
        form.add_error(error)
        return _link_page(user_id, form), error.status
    return render_template("invitations/link.html", user=get_visible_user(user_id), address=address)


def _outcome(user_id: UUID, change: Callable[[], User], *, done: str) -> ResponseReturnValue:
    """Flash the outcome. A button has no form field to show an error."""
    try:
        change()
    except (Forbidden, WrongState) as error:
        flash(str(error), "error")
    else:
        flash_done(done)
    return redirect(url_for("users.show", user_id=user_id), 303)


def _link_page(user_id: UUID, form: Form) -> str:
    return render_template("invitations/link.html", user=get_visible_user(user_id), form=form, address="")
