"""What the API answers to bodies, media types and addresses that it does not take."""

from __future__ import annotations

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
JSON = "application/json"


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон", email="anton@example.com", password=people.password)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"email": "a@example.com", "name": "A", "email": "b@example.com"}', "email"),
        ('{"email": "a@example.com", "name": "A", "\\u006eame": "B"}', "name"),
        ('{"email": "a@example.com", "name": "A", "attributes": {"x": 1, "x": 1}}', "x"),
        ('{"nonsense": 1, "nonsense": 2}', "nonsense"),
    ],
)
def test_a_repeated_key_is_400(api: Api, people: People, body: str, field: str) -> None:
    before = people.row_counts()
    response = api.post("/users", data=body.encode(), content_type=JSON, headers={"Idempotency-Key": "k"})
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert response.json["errors"][0] | {"message": ""} == {"field": field, "code": "repeated", "message": ""}
    assert people.row_counts() == before


def test_a_repeated_key_in_a_patch_is_400(api: Api, people: People, anton: UserOut) -> None:
    body = b'{"name": "One", "name": "Two"}'
    response = api.client.patch(f"/api/v1/users/{anton.id}", data=body, content_type=JSON, headers=api.headers)
    assert response.status_code == 400
    assert people.row(id=anton.id)["version"] == 1


@pytest.mark.parametrize("body", ["", "{", "\ufeff{}{}", "{'name': 1}"])
def test_what_is_not_json_is_400(api: Api, people: People, body: str) -> None:
    before = people.row_counts()
    assert api.post("/users", data=body.encode(), content_type=JSON).status_code == 400
    assert people.row_counts() == before


def test_json_inside_a_json_text_is_422(api: Api, people: People) -> None:
    before = people.row_counts()
    body = rb'"{\"email\": \"a@example.com\", \"name\": \"A\"}"'
    assert api.post("/users", data=body, content_type=JSON).status_code == 422
    assert people.row_counts() == before


@pytest.mark.parametrize(
    "content_type",
    ["application/json-patch+json", "application/merge-patch+json", "application/vnd.api+json", "text/json", "x"],
)
def test_another_media_type_is_415(api: Api, people: People, anton: UserOut, content_type: str) -> None:
    before = people.row_counts()
    for path in ("/users", f"/users/{anton.id}/restoration", f"/users/{anton.id}/deactivation"):
        for body in (b"{}", b"") if path != f"/users/{anton.id}/deactivation" else (b"",):
            response = api.post(path, data=body, content_type=content_type)
            assert (response.status_code, response.content_type) == (415, "application/problem+json"), path
    assert people.row_counts() == before


def test_a_json_patch_is_415(api: Api, people: People, anton: UserOut) -> None:
    for content_type in ("application/json-patch+json", "application/vnd.api+json", "text/plain"):
        response = api.client.patch(
            f"/api/v1/users/{anton.id}", data=b'{"name": "B"}', content_type=content_type, headers=api.headers
        )
        assert response.status_code == 415
    assert people.row(id=anton.id)["name"] == "Антон"


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"reason": "left"}', b"x"])
def test_a_body_that_is_not_expected_is_400(api: Api, people: People, anton: UserOut, body: bytes) -> None:
    before = people.row_counts()
    for method, path in (
        ("POST", f"/users/{anton.id}/deactivation"),
        ("DELETE", f"/users/{anton.id}/deactivation"),
        ("DELETE", f"/users/{anton.id}"),
    ):
        for content_type in (JSON, None):
            response = api.client.open(
                "/api/v1" + path, method=method, data=body, content_type=content_type, headers=api.headers
            )
            assert (response.status_code, response.content_type) == (400, "application/problem+json"), path
    assert people.row_counts() == before


def test_a_request_without_body_may_name_json_as_its_type(api: Api, anton: UserOut) -> None:
    assert api.post(f"/users/{anton.id}/deactivation", content_type=JSON).status_code == 200
    assert api.get("/users", content_type="text/plain").status_code == 200


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v2/users", "/api/nowhere", "/api/docs/x"])
def test_an_unknown_address_of_the_api_is_a_problem(app: App, visitor: Browser, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = visitor.client.open(path, method=method)
        assert (response.status_code, response.content_type) == (404, "application/problem+json"), method
        assert response.json["request_id"] == response.headers["X-Request-ID"]


def test_the_documentation_is_a_page(visitor: Browser) -> None:
    assert visitor.get("/api/docs?lang=ru").content_type.startswith("text/html")
    assert visitor.get("/apiary").content_type.startswith("text/html")


@pytest.mark.parametrize("query", ["status=", "count=", "limit=", "view=", "fields=", "expand=", "after=x&count="])
def test_an_empty_parameter_that_must_name_something_is_400(api: Api, query: str) -> None:
    answer = api.get(f"/users?{query}")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "missing"), answer.json
