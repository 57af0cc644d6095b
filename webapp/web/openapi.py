"""Completes the OpenAPI description: what flask-openapi cannot know, and what all operations have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from webapp.web.api_requests import JSON, MERGE_PATCH
from webapp.web.request_headers import ETAG, IDEMPOTENCY_KEY, REASON
from webapp.web.schemas import ProblemDetails

TEXT = {"type": "string"}
RATE_LIMIT = ("RateLimit", "RateLimit-Policy")
_VERBS = {"get": "get", "post": "create", "put": "set", "patch": "update", "delete": "delete"}
COMMON_STATUSES = (405, 414, 431)
IDEMPOTENCY_KEY_TEXT = "A text of your choice. A repeated request with the same key gets the first response, for a day."
IF_NONE_MATCH = "An ETag that you have. 304 without a body if the resource still has it."
IF_MATCH = "The ETag of the resource as you know it. 412 if it changed since. `*` or no header accepts any version."
REASON_TEXT = "Why you make this change, in UTF-8. The audit trail shows it. Settings can require it."
RESPONSE_HEADERS = {
    "X-Request-ID": "The ID of the request. The log and the audit trail contain it.",
    "ETag": "Changes with what the response shows, except for the time of the last sign-in.",
    "Location": "The address of what was created.",
    "Link": "The addresses of the `next`, `prev` and `last` page (RFC 8288).",
    "Idempotency-Replayed": "`true` if this is the response to an earlier request with the same Idempotency-Key.",
    "Retry-After": "Seconds to wait before you try again.",
    "RateLimit": "How many requests you have left, and seconds until you have all again.",
    "RateLimit-Policy": "How many requests you can send, and in how many seconds.",
    "Allow": "The methods of the address.",
    "WWW-Authenticate": "`Bearer`",
}


def problem_responses(*statuses: int) -> dict[str | int | HTTPStatus, Any]:
    """Describe these statuses as application/problem+json, for `responses=`."""
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    return {status: {"content": {"application/problem+json": {"schema": schema}}} for status in statuses}


def complete_description(spec: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Add headers, media types and common problems to each operation of an OpenAPI description. Return it."""
    spec["servers"] = [{"url": base_url, "description": "This installation"}]
    spec["externalDocs"] = {"url": f"{base_url}/api/docs", "description": "The same, to read"}
    _describe_defaults(spec["components"]["schemas"])
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            operation["operationId"] = operation_id(method, path)
            _complete_operation(method, operation, spec["components"]["schemas"])
    return spec


def _describe_defaults(schemas: dict[str, Any]) -> None:
    """Say the defaults of optional fields in words: openapi-typescript takes a field with `default` for a required one.

    What a merge patch leaves out stays as it is, so there defaults mean nothing.
    """
    for name, schema in schemas.items():
        for field in schema.get("properties", {}).values():
            default = field.pop("default", None)
            if default and not name.endswith("Patch"):
                text = f"{field.get('description', '')} Default: `{json.dumps(default)}`."
                field["description"] = text.strip()


def operation_id(method: str, path: str) -> str:
    """Return the ID of an operation: `list_users`, `get_user`, `update_user`, `delete_user_sessions`."""
    parts = path.removeprefix("/api/v1/").replace("-", "_").split("/")
    *owners, noun = [part for part in parts if not part.startswith("{")]
    several = _singular(noun) != noun and not parts[-1].startswith("{")
    verb = "list" if method == "get" and several else _VERBS[method]
    last = noun if several and method in {"get", "delete"} else _singular(noun)
    return "_".join([verb, *map(_singular, owners), last])


def _singular(noun: str) -> str:
    return noun if noun.endswith("ss") else noun.removesuffix("s")


def _complete_operation(method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    responses = operation["responses"]
    statuses = COMMON_STATUSES if method == "get" else (413, 415, 422, *COMMON_STATUSES)
    for status, problem in problem_responses(*statuses).items():
        responses.setdefault(str(status), {"description": HTTPStatus(int(status)).phrase, **problem})
    versioned = method == "get" and "version" in _properties(responses["200"], schemas)
    if versioned:
        responses["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
    if method == "patch":
        content = operation["requestBody"]["content"]
        content[MERGE_PATCH] = content[JSON]
    headers = _request_headers(method, responses, versioned=versioned)
    operation["parameters"] = operation.get("parameters", []) + list(headers)
    for parameter in operation["parameters"]:
        _drop_null(parameter)
        if parameter["schema"].get("type") == "array":
            # active,invited instead of one parameter for each value
            parameter |= {"style": "form", "explode": False}
    for status, response in responses.items():
        names = _response_headers(method, int(status), _properties(response, schemas))
        if status == "304":
            names = ["X-Request-ID", "ETag", *RATE_LIMIT]
        common = {name: {"description": RESPONSE_HEADERS[name], "schema": TEXT} for name in names}
        response["headers"] = response.get("headers", {}) | common


def _drop_null(parameter: dict[str, Any]) -> None:
    """Parameters cannot be null: describe an optional one by the schema of its values."""
    schema = parameter["schema"]
    kept = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(kept) == 1:
        rest = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
        parameter["schema"] = rest | kept[0]


def _request_headers(method: str, responses: dict[str, Any], *, versioned: bool) -> Iterator[dict[str, Any]]:
    if method == "post":
        yield _header("Idempotency-Key", IDEMPOTENCY_KEY_TEXT, IDEMPOTENCY_KEY)
    if "412" in responses:
        yield _header("If-Match", IF_MATCH, ETAG)
    if versioned:
        yield _header("If-None-Match", IF_NONE_MATCH, ETAG)
    if method != "get":
        yield _header("X-Reason", REASON_TEXT, REASON)


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


def _response_headers(method: str, status: int, properties: frozenset[str]) -> Iterable[str]:
    yield from ("X-Request-ID", *RATE_LIMIT)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        yield "Allow"
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
    """Return the names of the properties of a JSON response. Of several schemas, the first one counts."""
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    while "properties" not in schema and (schema.get("$ref") or schema.get("anyOf")):
        schema = schemas.get(schema["$ref"].rpartition("/")[2], {}) if "$ref" in schema else schema["anyOf"][0]
    return frozenset(schema.get("properties", {}))
