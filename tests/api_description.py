"""Compares answers of the API with openapi.json."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from webapp.web.openapi import RESPONSE_HEADERS


def spec_example(spec: dict[str, Any], name: str) -> dict[str, Any]:
    return spec["components"]["schemas"][name]["examples"][0]


def check_described(spec: dict[str, Any], method: str, path: str, answer: TestResponse) -> None:
    case = f"{method} {path}: {answer.status}"
    response = spec["paths"][path][method]["responses"].get(str(answer.status_code))
    assert response is not None, case
    seen = {name for name in RESPONSE_HEADERS if name in answer.headers}
    # Conditional: the pages that exist, the repetition of a request, and limits that are not off.
    sometimes = {"Link", "Idempotency-Replayed", "RateLimit", "RateLimit-Policy"}
    assert seen <= set(response["headers"]) <= seen | sometimes, case
    if answer.status_code in {204, 304}:
        assert "content" not in response
        return
    schema = response["content"][answer.mimetype]["schema"]
    Draft202012Validator({**schema, "components": spec["components"]}).validate(
        answer.json if answer.is_json else answer.text
    )
