"""Turns exceptions into error pages or, under /api, into problems (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from webapp.core.context import current_settings
from webapp.core.errors import (
    Busy,
    ConfirmationRequired,
    InProgress,
    NotSignedIn,
    Problem,
    Refused,
    Stale,
    TooManyRequests,
)
from webapp.core.texts import _
from webapp.db.constraints import constraint_of, is_conflict
from webapp.db.session import db
from webapp.web.guards import can_open, signed_in_user
from webapp.web.kept_forms import keep_form
from webapp.web.middleware import request_id
from webapp.web.problems import HTTP_CODES, problem_type

log = structlog.get_logger("rollcall.errors")
# The SQLSTATE of a change in a read-only transaction.
_READ_ONLY_CODE = "25006"

TITLES: dict[int, str] = {
    400: _("Rollcall cannot read this request"),
    401: _("Sign in to continue"),
    403: _("You cannot do this"),
    404: _("Page not found"),
    405: _("This kind of request does not work here"),
    409: _("Someone else changed this first"),
    410: _("This link was used or has expired"),
    412: _("Someone else changed this first"),
    413: _("This is too large"),
    415: _("This type of content is not accepted"),
    422: _("Check what you entered"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
    503: _("Rollcall is busy or cannot reach its database"),
}
DETAILS: dict[int, str] = {
    400: _("The address or the form is incomplete. Go back and try again."),
    404: _("Check the address. The page may have moved."),
    405: _("This address exists but does not accept this method"),
    413: _("You sent more data than this page accepts"),
    414: _("The address is too long"),
    415: _("Send JSON with the header Content-Type: application/json"),
    431: _("The headers of the request are too long"),
    500: _("Nothing was changed. The error is in the log under the ID below."),
    503: _("Nothing was changed. Try again in a moment."),
}


def init_error_pages(app: Flask) -> None:
    app.register_error_handler(Refused, handle_refused)
    app.register_error_handler(HTTPException, handle_http)
    app.register_error_handler(DBAPIError, _handle_database)
    app.register_error_handler(PoolTimeoutError, _handle_unreachable)
    app.register_error_handler(Exception, _handle_unexpected)


def is_api_request() -> bool:
    """Whether programs sent the request: everything under /api, but for the page that documents it."""
    return (request.path + "/").startswith("/api/") and request.path != "/api/docs"


def problem_response(status: int, detail: str, problems: Sequence[Problem] = (), *, code: str = "") -> Response:
    """Return an application/problem+json response (RFC 9457).

    `code` is the kind of the problem. Its `type` leads to the explanation in the documentation.
    """
    code = code or HTTP_CODES.get(status, "refused")
    problems = problems or [Problem("", code, detail)]
    response = jsonify(
        type=problem_type(code),
        title=HTTPStatus(status).phrase,
        status=status,
        detail=str(detail),
        errors=[{"field": p.field, "code": p.code, "message": str(p.message)} for p in problems],
        request_id=request_id(),
    )
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refusal_problem(error: Refused) -> Response:
    """Return the problem of a refusal."""
    problems = error.problems or [Problem("", error.code, error.message)]
    response = problem_response(error.status, str(error), problems, code=type(error).code)
    if isinstance(error, Busy | InProgress | TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def http_problem(error: HTTPException) -> Response:
    """Return the problem of an error that Flask or werkzeug raised."""
    return problem_response(error.code or 500, str(DETAILS.get(error.code or 500, "")))


def handle_refused(error: Refused) -> ResponseReturnValue:
    """Return the page or the JSON problem of a refusal, or the redirect to sign in or enter the password again."""
    g.refused = type(error).__name__
    if isinstance(error, NotSignedIn) and not is_api_request():
        if page := keep_form("signin.new", HTTPStatus.UNAUTHORIZED):
            return page
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("signin.new", next=wanted if wanted != "/" else None), HTTPStatus.SEE_OTHER)
    if isinstance(error, ConfirmationRequired) and not is_api_request():
        if page := keep_form("confirmation.show", HTTPStatus.FORBIDDEN):
            return page
        # A POST cannot be repeated by a redirect: return to the page with the form.
        here = request.full_path.rstrip("?") if request.method == "GET" else referrer()
        return redirect(url_for("confirmation.show", next=here or None), HTTPStatus.SEE_OTHER)
    if is_api_request():
        return refusal_problem(error)
    response = _error_response(error.status, str(error))
    if isinstance(error, Busy | InProgress | TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def referrer() -> str:
    """Return path and query of the page that sent this request."""
    return urlsplit(request.referrer or "")._replace(scheme="", netloc="", fragment="").geturl()


def handle_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    g.refused = type(error).__name__
    detail = str(DETAILS.get(error.code, ""))
    if isinstance(error, CSRFError):
        detail = csrf_problem(error)
    response = _error_response(error.code, detail)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def csrf_problem(error: CSRFError) -> str:
    """Return why the CSRF token of the form does not fit the session, and what to do."""
    g.refused = type(error).__name__
    settings = current_settings()
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        if settings.secure and not request.is_secure:
            address = settings.base_url
            return str(_("You opened Rollcall without https, so no cookie is kept. Open %(address)s.", address=address))
        return str(_("Your browser sent no cookie. Allow cookies for this site, then reload the page and try again."))
    if error.description in {"The CSRF tokens do not match.", "The CSRF session token is missing."}:
        return str(_("You signed in or out after you opened this form. Go back, reload the page and try again."))
    return str(_("The form is incomplete or came from another site. Go back, reload the page and try again."))


def _handle_database(error: DBAPIError) -> ResponseReturnValue:
    """Return 503 for a database that cannot work now, 400 for values that it cannot store, 409 for a conflict."""
    db.session.rollback()
    if isinstance(error, DataError):
        return _error_response(HTTPStatus.BAD_REQUEST, str(DETAILS[400]))
    if isinstance(error, OperationalError) or error.connection_invalidated or _is_read_only(error):
        return _handle_unreachable(error)
    if isinstance(error, IntegrityError) and is_conflict(error):
        # The change should have translated the constraint, and named the field.
        log.error("conflict", constraint=constraint_of(error), exc_info=error)
        return handle_refused(
            Stale(_("Nothing was changed. Someone else made a change at the same moment. Try again."))
        )
    return _handle_unexpected(error)


def _is_read_only(error: DBAPIError) -> bool:
    """PostgreSQL is a replica, or an administrator has made it read-only."""
    return getattr(error.orig, "pgcode", None) == _READ_ONLY_CODE


def _handle_unreachable(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    # The error page uses no preferences of the signed-in user: reading them would fail too.
    g.database_unreachable = True
    log.warning("database", error=type(error).__name__, reason=str(error.__cause__ or error).split("\n")[0])
    response = _error_response(503, str(DETAILS[503]))
    response.headers["Retry-After"] = "2"
    return response


def _handle_unexpected(error: Exception) -> ResponseReturnValue:
    log.error("fault", exc_info=error)
    return _error_response(500, str(DETAILS[500]))


def _error_response(status: int, detail: str) -> Response:
    if is_api_request():
        return problem_response(status, detail)
    context: dict[str, Any] = {
        "status": status,
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "detail": detail or DETAILS.get(status, ""),
        "request_id": request_id(),
    }
    # Pages of faults read nothing: what failed once may fail again.
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and signed_in_user():
        return make_response(render_template("errors/framed.html", list_url=_list_url(), **context), status)
    return make_response(render_template("errors/error.html", **context), status)


def _list_url() -> str | None:
    """Return the address of the list to which this page belongs, or of users; None if the viewer can open neither."""
    for endpoint in (f"{request.blueprint}.index", "directory.index"):
        view = current_app.view_functions.get(endpoint)
        # The list itself is offered again without the parameters that it refused.
        if view and (endpoint != request.endpoint or request.args) and can_open(view):
            return url_for(endpoint)
    return None
