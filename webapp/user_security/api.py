"""How a person signs in, in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.core.permissions import Permission
from webapp.factors.queries import factor_summary
from webapp.signin.queries import sessions_of
from webapp.user_security.schemas import FactorPath, FactorsOut, OneTimePassOut, SessionOut, SessionPath, SessionsOut
from webapp.user_security.services import (
    end_sessions_of,
    issue_one_time_pass,
    mark_compromised,
    remove_factor_of,
    remove_factors_of,
    start_reset,
)
from webapp.users.schemas import UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, json_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.operations import batchable

user_security_api = api_blueprint("user_security_api", __name__, tag="Sign-in")


@user_security_api.post(
    "/users/<uuid:user_id>/password-reset",
    summary="Mail a password reset",
    description="The user gets a link for a new password. Their present password stays until then.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_RESET)
@batchable()
def password_reset(path: UserPath) -> Response:
    def work() -> Response:
        start_reset(path.user_id, by=actor())
        return Response(status=204)

    return idempotent(work)


@user_security_api.post(
    "/users/<uuid:user_id>/one-time-pass",
    summary="Issue a one-time pass",
    description="A link for a user who lost password and second factor. It works once, for 15 minutes. Rollcall does"
    " not store it: each request issues a new one, and earlier ones stop working.",
    responses=problem_responses(404, 409) | {201: OneTimePassOut},
)
@requires(Permission.USERS_RESET)
def one_time_pass(path: UserPath) -> Response:
    issued = issue_one_time_pass(path.user_id, by=actor())
    response = json_response(OneTimePassOut(url=issued.address, expires_at=issued.expires_at))
    response.status_code = 201
    return response


@user_security_api.get(
    "/users/<uuid:user_id>/sessions",
    summary="List the sessions of a user",
    responses=problem_responses(404) | {200: SessionsOut},
)
@requires(Permission.USERS_READ)
def sessions(path: UserPath) -> Response:
    rows = sessions_of(get_visible_user(path.user_id).id)
    return json_response(SessionsOut(items=[SessionOut.of(row) for row in rows]))


@user_security_api.delete(
    "/users/<uuid:user_id>/sessions",
    summary="End the sessions of a user",
    description="The user is signed out everywhere. Idempotent.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_RESET)
@batchable()
def end_sessions(path: UserPath) -> Response:
    end_sessions_of(path.user_id, by=actor())
    return Response(status=204)


@user_security_api.delete(
    "/users/<uuid:user_id>/sessions/<uuid:session_id>",
    summary="End a session of a user",
    description="The browser of this session is signed out. Idempotent.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_RESET)
def end_session(path: SessionPath) -> Response:
    end_sessions_of(path.user_id, session_id=path.session_id, by=actor())
    return Response(status=204)


@user_security_api.get(
    "/users/<uuid:user_id>/factors",
    summary="List the second factors of a user",
    responses=problem_responses(404) | {200: FactorsOut},
)
@requires(Permission.USERS_READ)
def factors(path: UserPath) -> Response:
    return json_response(FactorsOut.of(factor_summary(get_visible_user(path.user_id).id)))


@user_security_api.delete(
    "/users/<uuid:user_id>/factors",
    summary="Remove the second factors of a user",
    description="Authenticator app, passkeys and recovery codes stop working. The user gets an e-mail. Idempotent.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_RESET)
@batchable()
def remove_factors(path: UserPath) -> Response:
    remove_factors_of(path.user_id, by=actor())
    return Response(status=204)


@user_security_api.delete(
    "/users/<uuid:user_id>/factors/<factor>",
    summary="Remove a second factor of a user",
    description="The user gets an e-mail. Recovery codes go with the last second factor. 404 without this factor.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_RESET)
def remove_factor(path: FactorPath) -> Response:
    remove_factor_of(path.user_id, path.factor, by=actor())
    return Response(status=204)


@user_security_api.post(
    "/users/<uuid:user_id>/compromise",
    summary="Mark an account as compromised",
    description="Ends all that an intruder could use: sessions, API tokens, second factors, password and open links."
    " The user gets a link for a new password by e-mail.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_RESET)
def compromise(path: UserPath) -> Response:
    def work() -> Response:
        mark_compromised(path.user_id, by=actor())
        return Response(status=204)

    return idempotent(work)
