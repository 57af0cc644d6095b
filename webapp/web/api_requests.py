"""Checks the parameters and the body of API requests, before flask-openapi reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from inspect import unwrap
from types import FunctionType
from typing import Any, cast

from flask import current_app, request
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from webapp.core.errors import Invalid, Refused
from webapp.core.texts import _
from webapp.web.error_pages import is_api_request
from webapp.web.request_headers import KEY_MAX, KEY_PATTERN, REASON_MAX, reason_of

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


def check_parameters() -> None:
    """Answer 400 to query parameters that are unknown or repeated: a misspelled filter must not return everyone."""
    if not is_api_request() or request.routing_exception is not None:
        return
    check_names(request.args, _schema_of("query"))


def check_names(parameters: MultiDict[str, str], schema: type[BaseModel] | None) -> None:
    """Raise Refused if a parameter is unknown to the schema, repeated, or without the value that it needs."""
    known = schema.model_fields if schema else {}
    prefix = getattr(schema, "parameter_prefix", "")
    for name, values in parameters.lists():
        is_attribute = bool(prefix) and name.startswith(prefix)
        if name not in known and not is_attribute:
            raise Refused(_("There is no parameter “%(name)s”", name=name), field=name, code="unknown")
        if values == [""] and schema and (is_attribute or _needs_value(schema, name)):
            raise Refused(_("Give the parameter “%(name)s” a value", name=name), field=name, code="missing")
        if len(values) > 1:
            raise Refused(_("Send the parameter “%(name)s” once", name=name), field=name, code="repeated")


def _needs_value(schema: type[BaseModel], name: str) -> bool:
    """No number, ID, day, choice or field is a mistake. An empty text means the default."""
    description = schema.model_json_schema()
    described = description["properties"].get(name, {})
    parts = [described, described.get("items", {}), *described.get("anyOf", [])]
    parts += [description["$defs"][part["$ref"].rpartition("/")[2]] for part in parts if "$ref" in part]
    formats = {part.get("format", part.get("type")) for part in parts}
    has_choices = any("enum" in part for part in parts)
    return has_choices or bool(formats & {"uuid", "date", "integer"}) or name in {"fields", "expand"}


def check_headers() -> None:
    """Answer 422 to a reason that is too long, and 400 to an Idempotency-Key that is not one."""
    if not is_api_request() or request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if len(reason_of(request)) > REASON_MAX:
        message = _("Use at most %(max)s characters", max=REASON_MAX)
        raise Invalid(message, field="X-Reason", code="length")
    key = request.headers.get("Idempotency-Key")
    if key is not None and (len(key) > KEY_MAX or not re.fullmatch(KEY_PATTERN, key)):
        message = _("The Idempotency-Key header must have 1 to %(max)s printable characters", max=KEY_MAX)
        raise Refused(message, field="Idempotency-Key", code="wrong_key")


def check_body() -> None:
    """Answer 400 to malformed JSON and to bodies that the request does not take, and 415 to other content."""
    # A body of a GET has no meaning (RFC 9110, 9.3.1), and some clients send Content-Type with each.
    if not is_api_request() or request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    data, schema = request.get_data(), _schema_of("body")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    if data and schema is None:
        raise Refused(_("This request takes no body"), code="unexpected")
    if not data and not request.content_type:
        return
    if request.mimetype not in ({JSON, MERGE_PATCH} if request.method == "PATCH" else {JSON}):
        raise UnsupportedMediaType
    if schema is not None and not isinstance(_parsed(data), dict):
        raise Invalid(_("The body must be a JSON object"), code="not_an_object")


def _schema_of(argument: str) -> type[BaseModel] | None:
    """Return the class of this argument of the view, which flask-openapi fills. None without one."""
    return schema_of(current_app.view_functions[request.endpoint or ""], argument)


@lru_cache(maxsize=400)
def schema_of(view: Callable[..., Any], argument: str) -> type[BaseModel] | None:
    """Return the class of this argument of a view, or None."""
    function = unwrapped(view)
    # Not get_type_hints: return types that Flask imports for type checkers only cannot be resolved.
    name = function.__annotations__.get(argument)
    return cast("type[BaseModel]", function.__globals__[name]) if name else None


def unwrapped(view: Callable[..., Any]) -> FunctionType:
    """Return the function that flask-openapi wrapped."""
    return cast(FunctionType, unwrap(view))


def _parsed(data: bytes) -> Any:
    """Parse JSON. Raise Refused if it is malformed, or if a key is repeated, which Python accepts."""
    try:
        return json.loads(data, object_pairs_hook=_with_unique_keys)
    except (ValueError, RecursionError):
        raise Refused(_("The body is not valid JSON"), code="malformed") from None


def _with_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Refused(_("Send the field “%(name)s” once", name=key), field=key, code="repeated")
        found[key] = value
    return found
