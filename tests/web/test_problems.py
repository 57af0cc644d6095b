"""Every refusal under /api is a problem of RFC 9457 with a stable code, in the language of the request."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.clients import Api, Browser
from tests.factories import People
from webapp.audit.models import REASON_MAX
from webapp.core import errors
from webapp.web import request_headers
from webapp.web.api import App
from webapp.web.problems import HTTP_CODES, PROBLEMS

pytestmark = pytest.mark.one_engine
JSON = "application/json"
MISSING = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


def check_problem(response: TestResponse, status: int, code: str) -> None:
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    body = response.json
    assert (body["type"], body["status"]) == (f"/api/docs#problem-{code}", status)
    assert all(body[name] for name in ("title", "detail", "errors"))
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert all(error["code"] and error["message"] for error in body["errors"])


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "not_found"),
        ("GET", f"/users/{MISSING}", {}, 404, "not_found"),
        ("GET", "/users/not-an-id", {}, 404, "not_found"),
        ("PUT", "/users", {}, 405, "method_not_allowed"),
        ("POST", "/users", {"data": b"{" + b" " * 2**20 + b"}", "content_type": JSON}, 413, "too_large"),
        ("POST", "/users", {"data": b"x=1", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/users", {"data": b"{", "content_type": JSON}, 400, "refused"),
        ("POST", "/users", {"json": {}}, 422, "invalid"),
        ("POST", "/users", {"json": []}, 422, "invalid"),
        ("GET", "/users?nonsense=1", {}, 400, "refused"),
        ("GET", "/users?limit=1&limit=2", {}, 400, "refused"),
        ("GET", "/users?limit=ten", {}, 400, "refused"),
        ("GET", "/users?view=", {}, 400, "refused"),
    ],
)
def test_a_refusal_is_a_problem(
    api: Api, people: People, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    before = people.row_counts()
    response = api.client.open("/api/v1" + path, method=method, headers=api.headers, **options)
    check_problem(response, status, code)
    assert people.row_counts() == before
    if status == 405:
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_outside_of_v1_too(visitor: Browser) -> None:
    check_problem(visitor.get("/api/v2/users"), 404, "not_found")
    check_problem(visitor.get("/api/v1/users"), 401, "not_signed_in")


@pytest.mark.parametrize("content", [{"Content-Encoding": "gzip"}, {"Content-Encoding": "br"}])
def test_a_compressed_body_is_415(api: Api, people: People, content: dict[str, str]) -> None:
    import gzip

    before = people.row_counts()
    body = gzip.compress(b'{"email": "a@example.com", "name": "A"}')
    check_problem(api.post("/users", data=body, content_type=JSON, headers=content), 415, "unsupported_media_type")
    assert people.row_counts() == before
    plain = {"Content-Encoding": "identity"}
    assert api.post("/users", {"email": "a@example.com", "name": "A"}, headers=plain).status_code == 201


@pytest.mark.parametrize("kind", [JSON, "application/json; charset=utf-8", "application/merge-patch+json"])
def test_a_patch_takes_both_types_of_json(api: Api, people: People, kind: str) -> None:
    path = f"/api/v1/users/{people.create().id}"
    answer = api.client.patch(path, data='{"name": "Имя"}'.encode(), content_type=kind, headers=api.headers)
    assert (answer.status_code, answer.json["name"]) == (200, "Имя")


def test_problems_are_in_the_language_of_the_request(api: Api) -> None:
    russian = api.headers | {"Accept-Language": "ru"}
    answer = api.client.post("/api/v1/users", json={"email": 1, "nonsense": 2}, headers=russian)
    messages = {error["field"]: error["message"] for error in answer.json["errors"]}
    assert messages == {"email": "Передайте текст", "name": "Это поле обязательно", "nonsense": "Такого поля нет"}
    assert "Передайте одно" in api.client.get("/api/v1/users?fields=x", headers=russian).json["errors"][0]["message"]
    assert api.client.get("/api/v1/nowhere", headers=russian).json["detail"].startswith("Проверьте")


def test_every_code_is_explained(app: App, visitor: Browser) -> None:
    raised = {each.code for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "code")}
    assert raised | set(HTTP_CODES.values()) <= PROBLEMS.keys()
    page = visitor.get("/api/docs").text
    assert all(f'id="problem-{code}"' in page for code in PROBLEMS)


def test_the_limits_of_headers_are_those_of_the_code() -> None:
    assert request_headers.REASON_MAX == REASON_MAX
