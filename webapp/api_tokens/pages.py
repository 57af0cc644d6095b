"""Pages of one's own API tokens."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.api_tokens import actions
from webapp.api_tokens.forms import RotationForm, TokenForm
from webapp.api_tokens.listing import own_token_page
from webapp.api_tokens.queries import get_token
from webapp.api_tokens.rows import token_rows
from webapp.api_tokens.schemas import TokenListQuery
from webapp.api_tokens.services import create_token
from webapp.web.forms import Form
from webapp.web.guards import actor, confirmed, held_permissions, signed_in
from webapp.web.paging import parse_query_parameters

token_pages = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@token_pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    query = parse_query_parameters(TokenListQuery)
    page = own_token_page(query)
    return render_template("api_tokens/index.html", page=page, rows=token_rows(page.items), query=query)


@token_pages.get("/new")
@confirmed
def new() -> ResponseReturnValue:
    return render_template("api_tokens/new.html", form=_form())


@token_pages.post("")
@confirmed
def create() -> ResponseReturnValue:
    """Create a token. This answer is the only one that shows it."""
    form = _form()
    page = actions.create_shown_once(form, lambda: create_token(current_user.user, **form.token, by=actor()))
    return page or (render_template("api_tokens/new.html", form=form), 422)


@token_pages.get("/<uuid:token_id>/revocation")
@confirmed
def revocation(token_id: UUID) -> ResponseReturnValue:
    return actions.revocation_page(get_token(token_id, user_id=current_user.id), Form())


@token_pages.post("/<uuid:token_id>/revocation")
@confirmed
def revoke(token_id: UUID) -> ResponseReturnValue:
    return actions.revoke(get_token(token_id, user_id=current_user.id))


@token_pages.get("/<uuid:token_id>/rotation")
@confirmed
def rotation(token_id: UUID) -> ResponseReturnValue:
    return actions.rotation_page(get_token(token_id, user_id=current_user.id), RotationForm())


@token_pages.post("/<uuid:token_id>/rotation")
@confirmed
def rotate(token_id: UUID) -> ResponseReturnValue:
    return actions.rotate(get_token(token_id, user_id=current_user.id))


def _form() -> TokenForm:
    form = TokenForm()
    form.offer(held_permissions()[1])
    return form
