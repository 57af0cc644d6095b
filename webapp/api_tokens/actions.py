"""What the pages of one's own tokens and the pages of all tokens have in common."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.api_tokens.forms import RotationForm
from webapp.api_tokens.models import ApiToken
from webapp.api_tokens.rows import token_row
from webapp.api_tokens.services import CreatedToken, revoke_token, rotate_token
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.web.forms import CreationForm, Form, catch_invalid
from webapp.web.guards import actor
from webapp.web.idempotency import created_once


def revocation_page(token: ApiToken, form: Form) -> str:
    return render_template("api_tokens/revoke.html", row=token_row(token), form=form)


def revoke(token: ApiToken) -> ResponseReturnValue:
    form = Form()
    if catch_invalid(form, lambda: revoke_token(token.id, by=actor())):
        flash(_("Token %(name)s revoked", name=token.name), "success")
        return redirect(url_for(".index"), 303)
    return revocation_page(token, form), 422


def rotation_page(token: ApiToken, form: RotationForm) -> str:
    return render_template("api_tokens/rotate.html", row=token_row(token), form=form)


def rotate(token: ApiToken) -> ResponseReturnValue:
    form = RotationForm()
    hours = form.overlap_hours.data
    page = create_shown_once(form, lambda: rotate_token(token.id, overlap_hours=hours, by=actor()))
    return page or (rotation_page(token, form), 422)


def create_shown_once(form: CreationForm, create: Callable[[], CreatedToken]) -> ResponseReturnValue | None:
    """Create a token and return the only page that shows it. Return None if the form has errors.

    If the same form is sent again, no other token is created, and the token is not shown again.
    """
    created: list[CreatedToken] = []

    def once() -> UUID:
        created.append(create())
        return created[-1].row.id

    if not form.validate():
        return None
    try:
        created_once(form, once)
    except Refused as error:
        form.add_error(error)
        return None
    if not created:
        flash(_("This token was created before and is not shown again. If you did not save it, rotate it."), "info")
        return redirect(url_for(".index"), 303)
    base_url = current_settings().base_url
    return render_template("api_tokens/created.html", created=created[0], base_url=base_url)
