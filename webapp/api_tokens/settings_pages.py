"""Pages of the API tokens of everyone, for people with `tokens.manage`."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.api_tokens import actions
from webapp.api_tokens.forms import RotationForm, TokenOfOwnerForm
from webapp.api_tokens.listing import owner_of, token_page, visible_token
from webapp.api_tokens.rows import token_rows
from webapp.api_tokens.schemas import TokenListQuery
from webapp.api_tokens.services import CreatedToken, create_token
from webapp.core.errors import NotFound, report_on_field
from webapp.core.permissions import Permission
from webapp.lists.count import Count
from webapp.lists.page import Page
from webapp.web.forms import Form
from webapp.web.guards import actor, held_permissions, requires
from webapp.web.paging import parse_filters

token_settings_pages = Blueprint("token_settings", __name__, url_prefix="/settings/tokens")


@token_settings_pages.get("")
@requires(Permission.TOKENS_MANAGE)
def index() -> ResponseReturnValue:
    query, errors = parse_filters(TokenListQuery, ["owner", "prefix"])
    try:
        page = token_page(query)
    except NotFound as error:
        errors["owner"] = error.message
        page = Page([], None, None, Count(0, exact=True))
    template = "api_tokens/settings.html"
    body = render_template(template, page=page, rows=token_rows(page.items), query=query, errors=errors)
    return body, 400 if "prefix" in errors else 200


@token_settings_pages.get("/new")
@requires(Permission.TOKENS_MANAGE, sudo=True)
def new() -> ResponseReturnValue:
    return render_template("api_tokens/new.html", form=_form())


@token_settings_pages.post("")
@requires(Permission.TOKENS_MANAGE, sudo=True)
def create() -> ResponseReturnValue:
    """Create a token of another person. This answer is the only one that shows it."""
    form = _form()
    page = actions.create_shown_once(form, lambda: _create(form))
    return page or (render_template("api_tokens/new.html", form=form), 422)


@token_settings_pages.get("/<uuid:token_id>/revocation")
@requires(Permission.TOKENS_MANAGE, sudo=True)
def revocation(token_id: UUID) -> ResponseReturnValue:
    return actions.revocation_page(visible_token(token_id), Form())


@token_settings_pages.post("/<uuid:token_id>/revocation")
@requires(Permission.TOKENS_MANAGE, sudo=True)
def revoke(token_id: UUID) -> ResponseReturnValue:
    return actions.revoke(visible_token(token_id))


@token_settings_pages.get("/<uuid:token_id>/rotation")
@requires(Permission.TOKENS_MANAGE, sudo=True)
def rotation(token_id: UUID) -> ResponseReturnValue:
    return actions.rotation_page(visible_token(token_id), RotationForm())


@token_settings_pages.post("/<uuid:token_id>/rotation")
@requires(Permission.TOKENS_MANAGE, sudo=True)
def rotate(token_id: UUID) -> ResponseReturnValue:
    return actions.rotate(visible_token(token_id))


def _create(form: TokenOfOwnerForm) -> CreatedToken:
    with report_on_field("owner"):
        owner = owner_of(form.owner.data or "")
    return create_token(owner, **form.token, by=actor())


def _form() -> TokenOfOwnerForm:
    form = TokenOfOwnerForm()
    form.offer(held_permissions()[1])
    return form
