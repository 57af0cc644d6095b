"""Many changes of users in one request of the JSON API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from itertools import groupby

from flask import Response

from webapp.core.errors import Invalid
from webapp.core.passwords import hashed_before
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.users.batch_schemas import PASSWORDS_MAX, BatchIn, BatchOut, OperationIn
from webapp.web.api import api_blueprint
from webapp.web.error_pages import problem_response
from webapp.web.guards import signed_in
from webapp.web.idempotency import idempotent
from webapp.web.middleware import accepts_body
from webapp.web.openapi import problem_responses
from webapp.web.operations import CHUNK_SIZE, Call, Operation, routed, run

batch_api = api_blueprint("batch_api", __name__, tag="Users")
BODY_MAX = 4 * 1024 * 1024
HEADERS = ("ETag", "Location", "Retry-After")


class Refusal(Exception):
    """An operation of an atomic batch was refused. `response` is the answer to the batch."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@batch_api.post(
    "/users/batch",
    summary="Change many users",
    description="Up to 1,000 operations on users and what belongs to them, each as if it were a request of its own,"
    " with the same permissions. They run in one transaction, so a crash leaves no trace of any. 200 if all were done,"
    " 207 if at least one was refused. An Idempotency-Key counts for the whole batch. It is one request for the limit"
    " of requests. Photos, one-time passes and reads are requests of their own.",
    responses=problem_responses() | {200: BatchOut, 207: BatchOut},
)
@signed_in
@accepts_body(BODY_MAX)
def batch(body: BatchIn) -> Response:
    _check_passwords(body.operations)
    calls = [routed(_operation(each)) for each in body.operations]
    with hashed_before(_passwords(calls)):
        try:
            return idempotent(lambda: _run(calls, atomic=body.atomic))
        except Refusal as refusal:
            return refusal.response


def _operation(sent: OperationIn) -> Operation:
    headers = sent.headers.model_dump(by_alias=True, exclude_none=True)
    return Operation(sent.method, sent.path, sent.body, headers)


def _check_passwords(operations: Iterable[OperationIn]) -> None:
    if sum("password" in (each.body or {}) for each in operations) > PASSWORDS_MAX:
        message = _("Set at most %(max)s passwords in one batch", max=PASSWORDS_MAX)
        raise Invalid(message, field="operations", code="too_many_passwords")


def _passwords(calls: Sequence[Call | Response]) -> Iterator[str]:
    for call in calls:
        if isinstance(call, Call) and (password := getattr(call.body, "password", None)):
            yield password


def _run(calls: Sequence[Call | Response], *, atomic: bool) -> Response:
    """Run in one transaction. Raise Refusal if an operation of an atomic batch is refused."""
    with transaction():
        responses: list[Response] = []
        for chunk in _chunks(calls):
            responses += [each for each in chunk if isinstance(each, Response)] or run(
                [each for each in chunk if isinstance(each, Call)]
            )
            refused = next((number for number, each in enumerate(responses) if _is_refused(each)), None)
            if atomic and refused is not None:
                raise Refusal(_answer(_undone(responses[refused], refused, len(calls))))
    return _answer(responses)


def _chunks(calls: Sequence[Call | Response]) -> Iterator[list[Call | Response]]:
    """Yield the operations that can run together, in order. All others come alone."""
    for together, group in groupby(calls, lambda each: each.several if isinstance(each, Call) else None):
        items = list(group)
        size = CHUNK_SIZE if together else 1
        for start in range(0, len(items), size):
            yield items[start : start + size]


def _undone(refused: Response, number: int, total: int) -> list[Response]:
    detail = _("Nothing was done because another operation of the batch was refused")
    others = problem_response(HTTPStatus.FAILED_DEPENDENCY, detail, code="not_done")
    return [refused if each == number else others for each in range(total)]


def _is_refused(response: Response) -> bool:
    return response.status_code >= HTTPStatus.BAD_REQUEST


def _answer(responses: Sequence[Response]) -> Response:
    items = ",".join(map(_result, responses))
    status = HTTPStatus.MULTI_STATUS if any(map(_is_refused, responses)) else HTTPStatus.OK
    return Response(f'{{"items":[{items}]}}\n', status, content_type="application/json")


def _result(response: Response) -> str:
    """Return the JSON of one result. The response has its body as JSON already."""
    headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
    content = response.get_data(as_text=True).strip() or "null"
    body, problem = ("null", content) if _is_refused(response) else (content, "null")
    return f'{{"status":{response.status_code},"headers":{json.dumps(headers)},"body":{body},"problem":{problem}}}'
