"""Operations of the API inside one request: a batch calls the views of single requests, without HTTP between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, cast

from flask import Response, current_app, g, request
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DataError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.web.api_requests import schema_of, unwrapped
from webapp.web.error_pages import DETAILS, http_problem, problem_response, refusal_problem
from webapp.web.guards import check_guard
from webapp.web.schemas import validation_problem

API_PREFIX = "/api/v1"
# How many operations `Several.run` gets at most.
CHUNK_SIZE = 100

View = TypeVar("View", bound=Callable[..., Any])


class Several(NamedTuple):
    """A faster way to run several operations of one view. `run` returns their responses or raises Refused.

    `fits` says of a body whether `run` takes it.
    """

    run: Callable[[Sequence[Any]], Sequence[Response]]
    fits: Callable[[Any], bool]


def batchable(several: Several | None = None) -> Callable[[View], View]:
    """Let a batch call this view. It must be fast, and its answer must contain no secret."""

    def mark(view: View) -> View:
        cast(Any, view).batchable = True
        cast(Any, view).several = several
        return view

    return mark


@dataclass(frozen=True)
class Operation:
    """One operation of a batch. `path` is what follows /api/v1."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """An operation that was routed and checked: the call of its view."""

    view: Callable[..., Any]
    arguments: Mapping[str, BaseModel]
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        return self.arguments.get("body")

    @property
    def several(self) -> Several | None:
        """The faster way to run this call together with its neighbours."""
        found: Several | None = getattr(self.view, "several", None)
        return found if found and not self.headers and found.fits(self.body) else None


def operation_headers() -> Headers:
    """Return the headers of the operation that runs now: those of its request, or those that a batch gives it."""
    return cast(Headers, g.get("operation_headers", request.headers))


def routed(operation: Operation) -> Call | Response:
    """Return the call of the operation. Return the problem if it does not exist, is not allowed or has a wrong body."""
    try:
        return _call(operation)
    except (Refused, HTTPException, ValidationError) as error:
        return _problem(error)


def run(calls: Sequence[Call]) -> list[Response]:
    """Run neighbours with the same `several`, or one call. Each leaves a trace only if its response is no problem."""
    if len(calls) == 1:
        return [_run_one(calls[0])]
    several = cast(Several, calls[0].several)
    try:
        with transaction():
            return list(several.run([call.body for call in calls]))
    except Refused:
        # Find the refused ones: by halves, because most are fine.
        middle = len(calls) // 2
        return run(calls[:middle]) + run(calls[middle:])


def _call(operation: Operation) -> Call:
    view, values = _route(operation)
    check_guard(view)
    path, body = schema_of(view, "path"), schema_of(view, "body")
    arguments = {"path": path.model_validate(values)} if path else {}
    if body is not None:
        arguments["body"] = body.model_validate({} if operation.body is None else operation.body)
    elif operation.body is not None:
        raise Refused(_("This request takes no body"), code="unexpected")
    return Call(view, arguments, operation.headers)


def _route(operation: Operation) -> tuple[Callable[..., Any], Mapping[str, Any]]:
    """Raise NotFound for addresses that a batch does not serve, and MethodNotAllowed."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        raise NotFound
    try:
        endpoint, values = adapter.match(API_PREFIX + operation.path, method=operation.method)
    except RequestRedirect:
        raise NotFound from None
    view = current_app.view_functions[endpoint]
    if not getattr(view, "batchable", False):
        raise Refused(_("A batch cannot do this. Send it as a request of its own."), field="path", code="not_in_batch")
    return view, values


def _run_one(call: Call) -> Response:
    try:
        with transaction(), _headers(call.headers):
            return cast(Response, unwrapped(call.view)(**call.arguments))
    except (Refused, HTTPException, ValidationError) as error:
        return _problem(error)
    except DataError:
        return problem_response(400, str(DETAILS[400]))


@contextmanager
def _headers(headers: Mapping[str, str]) -> Iterator[None]:
    g.operation_headers = Headers(headers)
    try:
        yield
    finally:
        del g.operation_headers


def _problem(error: Refused | HTTPException | ValidationError) -> Response:
    if isinstance(error, ValidationError):
        return validation_problem(error)
    return refusal_problem(error) if isinstance(error, Refused) else http_problem(error)
