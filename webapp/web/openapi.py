"""Completes the OpenAPI description: what flask-openapi cannot know, and what all operations have in common."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from webapp.web.api_requests import JSON, MERGE_PATCH
from webapp.web.schemas import ProblemDetails

TEXT = {"type": "string"}
IDEMPOTENCY_KEY = "A text of your choice. A repeated request with the same key gets the first response, for a day."
IF_MATCH = "The ETag of the resource as you know it. 412 if it changed since. `*` or no header accepts any version."
REASON = "Why you make this change, in UTF-8. The audit trail shows it. Settings can require it."
RESPONSE_HEADERS = {
    "X-Request-ID": "The ID of the request. The log and the audit trail contain it.",
    "ETag": "Changes with what the response shows, except for the time of the last sign-in.",
    "Location": "The address of what was created.",
    "Link": "The addresses of the `next`, `prev` and `last` page (RFC 8288).",
    "Idempotency-Replayed": "`true` if this is the response to an earlier request with the same Idempotency-Key.",
    "Retry-After": "Seconds to wait before you try again.",
    "WWW-Authenticate": "`Bearer`",
}


def problem_responses(*statuses: int) -> dict[str | int | HTTPStatus, Any]:
    """Describe these statuses as application/problem+json, for `responses=`."""
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    return {status: {"content": {"application/problem+json": {"schema": schema}}} for status in statuses}


def complete_description(spec: dict[str, Any]) -> dict[str, Any]:
    """Add headers, media types and common problems to each operation of an OpenAPI description. Return it."""
    for item in spec["paths"].values():
        for method, operation in item.items():
            _complete_operation(method, operation, spec["components"]["schemas"])
    return spec


def _complete_operation(method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    responses = operation["responses"]
    if method != "get":
        for status, problem in problem_responses(413, 415, 422).items():
            responses.setdefault(str(status), {"description": HTTPStatus(int(status)).phrase, **problem})
    if method == "patch":
        content = operation["requestBody"]["content"]
        content[MERGE_PATCH] = content[JSON]
    operation["parameters"] = operation.get("parameters", []) + list(_request_headers(method, responses))
    for parameter in operation["parameters"]:
        if parameter["schema"].get("type") == "array":
            # active,invited instead of one parameter for each value
            parameter |= {"style": "form", "explode": False}
    for status, response in responses.items():
        names = _response_headers(method, int(status), _properties(response, schemas))
        common = {name: {"description": RESPONSE_HEADERS[name], "schema": TEXT} for name in names}
        response["headers"] = response.get("headers", {}) | common


def _request_headers(method: str, responses: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if method == "post":
        yield _header("Idempotency-Key", IDEMPOTENCY_KEY)
    if "412" in responses:
        yield _header("If-Match", IF_MATCH)
    if method != "get":
        yield _header("X-Reason", REASON)


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": TEXT}


def _response_headers(method: str, status: int, properties: frozenset[str]) -> Iterator[str]:
    yield "X-Request-ID"
    if "version" in properties:
        yield "ETag"
    if "next" in properties:
        yield "Link"
    if status == HTTPStatus.CREATED:
        yield "Location"
    if method == "post" and status < HTTPStatus.BAD_REQUEST:
        yield "Idempotency-Replayed"
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        yield "Retry-After"
    if status == HTTPStatus.UNAUTHORIZED:
        yield "WWW-Authenticate"


def _properties(response: dict[str, Any], schemas: dict[str, Any]) -> frozenset[str]:
    """Return the names of the properties of a JSON response."""
    reference = response.get("content", {}).get(JSON, {}).get("schema", {}).get("$ref", "")
    return frozenset(schemas.get(reference.rpartition("/")[2], {}).get("properties", {}))
