"""The pages that deactivate and reactivate a user."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.flashes import flash_done
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.users.forms import ConfirmForm
from webapp.users.services import deactivate_user, reactivate_user
from webapp.users.viewer import get_visible_user
from webapp.web.forms import catch_invalid
from webapp.web.guards import actor, requires

deactivation_pages = Blueprint("deactivation", __name__, url_prefix="/users/<uuid:user_id>")
DEACTIVATE, REACTIVATE = "users/deactivate.html", "users/reactivate.html"


@deactivation_pages.get("/deactivation")
@requires(Permission.USERS_DEACTIVATE)
def confirm(user_id: UUID) -> ResponseReturnValue:
    return render_template(DEACTIVATE, user=get_visible_user(user_id), form=ConfirmForm())


@deactivation_pages.post("/deactivation")
@requires(Permission.USERS_DEACTIVATE)
def deactivate(user_id: UUID) -> ResponseReturnValue:
    form = ConfirmForm()
    user = catch_invalid(form, lambda: deactivate_user(user_id, by=actor()))
    if user is None:
        return render_template(DEACTIVATE, user=get_visible_user(user_id), form=form), 422
    flash_done(_("%(name)s was deactivated and can no longer sign in", name=user.name))
    return redirect(url_for("users.show", user_id=user_id), 303)


@deactivation_pages.get("/reactivation")
@requires(Permission.USERS_DEACTIVATE)
def confirm_reactivation(user_id: UUID) -> ResponseReturnValue:
    return render_template(REACTIVATE, user=get_visible_user(user_id), form=ConfirmForm())


@deactivation_pages.post("/reactivation")
@requires(Permission.USERS_DEACTIVATE)
def reactivate(user_id: UUID) -> ResponseReturnValue:
    form = ConfirmForm()
    user = catch_invalid(form, lambda: reactivate_user(user_id, by=actor()))
    if user is None:
        return render_template(REACTIVATE, user=get_visible_user(user_id), form=form), 422
    flash_done(_("%(name)s was reactivated", name=user.name))
    return redirect(url_for("users.show", user_id=user_id), 303)
