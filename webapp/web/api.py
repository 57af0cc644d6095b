"""The base of the JSON API: ETags, pages of lists, docs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

from flask import Blueprint, Flask, Request, Response, current_app, jsonify, render_template, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_openapi import APIBlueprint
from pydantic import BaseModel
from werkzeug.http import parse_etags

from webapp.core.context import current_settings
from webapp.core.errors import PreconditionFailed, Stale
from webapp.core.texts import _
from webapp.lists.page import Page
from webapp.web.api_blueprints import VALIDATION_ERROR, ApiBlueprint
from webapp.web.api_requests import check_body, check_headers, check_parameters
from webapp.web.app import App
from webapp.web.error_pages import is_api_request
from webapp.web.guards import public
from webapp.web.operations import operation_headers
from webapp.web.problems import PROBLEMS
from webapp.web.schemas import validation_problem
from webapp.web.templating import url_with


def api_blueprint(name: str, module: str, *, tag: str) -> APIBlueprint:
    """Return a blueprint of the API. `openapi.py` describes what all its operations have in common."""
    return ApiBlueprint(name, module, tag=tag)


class VersionedRow(Protocol):
    """A row of the API with an ETag. `version` counts the changes of its table row."""

    version: int

    @property
    def etag(self) -> str: ...
    def model_dump_json(self) -> str: ...


def json_with_etag(row: VersionedRow, shaped: dict[str, Any] | None = None) -> Response:
    """Return the row as JSON with its ETag. A GET with this ETag in `If-None-Match` gets 304 without a body.

    `shaped` is sent instead of the row. The ETag is that of the row, for `If-Match`.
    """
    etag = row.etag
    unchanged = request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(etag)
    # What `expanded` contains can change without the row.
    if unchanged and "expanded" not in (shaped or {}):
        response = Response(status=304)
    else:
        response = json_response(row) if shaped is None else jsonify(shaped)
    response.set_etag(etag, weak=True)
    return response


def json_response(body: VersionedRow | BaseModel) -> Response:
    """Return the body as JSON. Pydantic writes it in a third of the time of `jsonify`."""
    return Response(f"{body.model_dump_json()}\n", content_type="application/json")


def created_response(response: Response, endpoint: str, **values: Any) -> Response:
    """Return the response with the status 201 and the address of what was created, like that of `url_for`."""
    response.status_code = 201
    response.headers["Location"] = url_for(endpoint, **values)
    return response


def accepted_response(body: BaseModel) -> Response:
    """Return the body with the status 202: the work goes on in a job."""
    response = json_response(body)
    response.status_code = 202
    return response


def page_response(body: BaseModel, page: Page[Any], items: Sequence[Mapping[str, Any]] | None = None) -> Response:
    """Return a page of a list with the addresses of its neighbours in `Link` headers (RFC 8288).

    `items` are sent instead of those of `body`.
    """
    if items is None:
        response = json_response(body)
    else:
        response = jsonify(body.model_dump(mode="json", exclude={"items"}) | {"items": items})
    links = {"next": ("after", page.next), "prev": ("before", page.previous), "last": ("before", page.last)}
    for relation, (parameter, cursor) in links.items():
        if cursor:
            response.headers.add("Link", f'<{url_with(**{parameter: cursor})}>; rel="{relation}"')
    return response


@contextmanager
def if_match(current: Callable[[], VersionedRow]) -> Iterator[int | None]:
    """Check `If-Match` and yield the version that the change must find. Yield None without `If-Match`, or for `*`.

    Raise PreconditionFailed if the ETag differs, also if the version changes inside the block. ETags are weak because
    bodies may be compressed.
    """
    header = operation_headers().get("If-Match")
    etags = parse_etags(header)
    if header is None or etags.star_tag:
        yield None
        return
    row = current()
    if not etags.contains_weak(row.etag):
        raise _outdated()
    try:
        yield row.version
    except Stale:
        raise _outdated() from None


def _outdated() -> PreconditionFailed:
    return PreconditionFailed(_("The version in If-Match is out of date because someone else made a change"))


class CookieSessions(SecureCookieSessionInterface):
    """The sessions of browsers. Requests of the API have none: they read and set no cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if is_api_request() else super().open_session(app, request)


api_pages = Blueprint("api", __name__)


@api_pages.get("/api/v1/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    return jsonify(_description())


@api_pages.get("/api/docs")
@public
def docs() -> ResponseReturnValue:
    return render_template(
        "api/docs.html", spec=_description(), problems=PROBLEMS, base_url=current_settings().base_url
    )


def operation_anchor(method: str, path: str) -> str:
    """Return the ID of an operation in the page of the API: `get-users-user_id` for GET /users/{user_id}."""
    return method + path.replace("/", "-").replace("{", "").replace("}", "")


def json_example(schema: dict[str, Any]) -> str:
    """Return the example of a schema as JSON, one field on each line."""
    return json.dumps(schema["examples"][0], ensure_ascii=False, indent=2)


def init_api(app: App) -> None:
    app.session_interface = CookieSessions()
    app.validation_error_callback = validation_problem
    app.validation_error_model = VALIDATION_ERROR["validation_error_model"]
    app.validation_error_status = str(VALIDATION_ERROR["validation_error_status"])
    app.jinja_env.globals |= {"operation_anchor": operation_anchor, "json_example": json_example}
    app.before_request(check_parameters)
    app.before_request(check_headers)
    app.before_request(check_body)
    app.register_blueprint(api_pages)


def _description() -> dict[str, Any]:
    return cast(App, current_app).description
