"""API tokens in the JSON API, and who the caller is."""

from __future__ import annotations

from flask import Response
from flask_login import current_user

from webapp.api_tokens.listing import owner_of, token_page, visible_token
from webapp.api_tokens.schemas import (
    CreatedTokenOut,
    MeOut,
    RotationIn,
    TokenIn,
    TokenListQuery,
    TokenOut,
    TokenPage,
    TokenPath,
)
from webapp.api_tokens.services import CreatedToken, create_token, revoke_token, rotate_token
from webapp.web.api import api_blueprint, created_response, json_response, page_response
from webapp.web.guards import actor, signed_in
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

tokens_api = api_blueprint("tokens_api", __name__, tag="Tokens")


@tokens_api.get(
    "/me",
    summary="Show who you are",
    description="The owner of the token, what it may do now, its scopes and when it expires.",
    responses={200: MeOut},
)
@signed_in
def me() -> Response:
    return json_response(MeOut.of(current_user.user, current_user.powers, current_user.token))


@tokens_api.get(
    "/tokens",
    summary="List tokens",
    description="Your own tokens. With `tokens.manage`, those of everyone that you have this permission for.",
    responses=problem_responses(404) | {200: TokenPage},
)
@signed_in
def index(query: TokenListQuery) -> Response:
    page = token_page(query)
    return page_response(TokenPage.of(page), page)


@tokens_api.post(
    "/tokens",
    summary="Create a token",
    description="The answer is the only one with the token. A token cannot create one with more permissions, other"
    " addresses or a later end than itself. For other people: `tokens.manage` or `users.reset`.",
    responses=problem_responses(404) | {201: CreatedTokenOut},
)
@signed_in
def create(body: TokenIn) -> Response:
    fields = body.model_dump(exclude={"owner"})
    return idempotent(lambda: _created(create_token(owner_of(body.owner), **fields, by=actor())), secret=True)


@tokens_api.get("/tokens/<uuid:token_id>", summary="Show a token", responses=problem_responses(404) | {200: TokenOut})
@signed_in
def show(path: TokenPath) -> Response:
    return json_response(TokenOut.of(visible_token(path.token_id)))


@tokens_api.delete(
    "/tokens/<uuid:token_id>",
    summary="Revoke a token",
    description="It stops working at once. Idempotent.",
    responses=problem_responses(404) | {204: None},
)
@signed_in
def revoke(path: TokenPath) -> Response:
    revoke_token(path.token_id, by=actor())
    return Response(status=204)


@tokens_api.post(
    "/tokens/<uuid:token_id>/rotation",
    summary="Replace a token",
    description="Creates a token that can do the same. The old one works for some more hours. 409 if it has ended or"
    " was replaced.",
    responses=problem_responses(404, 409) | {201: CreatedTokenOut},
)
@signed_in
def rotate(path: TokenPath, body: RotationIn) -> Response:
    return idempotent(lambda: _created(rotate_token(path.token_id, **body.model_dump(), by=actor())), secret=True)


def _created(created: CreatedToken) -> Response:
    return created_response(
        json_response(CreatedTokenOut.with_secret(created.row, created.secret)),
        "tokens_api.show",
        token_id=created.row.id,
    )
