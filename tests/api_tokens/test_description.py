"""openapi.json and its readable form."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api_description import check_described, spec_example
from tests.clients import Api, Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
USERS, USER = "/api/v1/users", "/api/v1/users/{user_id}"
VERSIONED = {USER, "/api/v1/groups/{group_id}", "/api/v1/roles/{role_id}", "/api/v1/attributes/{attribute_id}"}
VERSIONED |= {USER + "/notes/{note_id}", "/api/v1/views/{view_id}", "/api/v1/settings", "/api/v1/event-push"}
VERSIONED |= {"/api/v1/webhooks/{webhook_id}", "/api/v1/feeds/{feed_id}"}
VERSIONED |= {"/api/v1/scheduled-exports/{export_id}"}


@pytest.fixture
def spec(visitor: Browser) -> dict[str, Any]:
    return visitor.get("/api/v1/openapi.json").json


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_no_two_schemas_have_the_same_name(app: App) -> None:
    assert app.plain_description.ambiguous_schemas == []


def test_operations_have_readable_ids(spec: dict[str, Any]) -> None:
    ids = [operation["operationId"] for item in spec["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))
    assert {"list_users", "create_user", "get_user", "update_user", "delete_user_sessions", "get_me"} <= set(ids)


def test_it_is_valid_openapi_3_1(visitor: Browser) -> None:
    spec = visitor.get("/api/v1/openapi.json").json
    assert spec["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(spec).validate()


def test_it_describes_every_method_of_every_path(visitor: Browser) -> None:
    app = visitor.client.application
    paths = visitor.get("/api/v1/openapi.json").json["paths"]
    described = {(method.upper(), path) for path, item in paths.items() for method in item}
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi"
    }
    assert len(routes) > 7
    assert described == routes


def test_it_describes_every_problem_as_a_problem(spec: dict[str, Any]) -> None:
    for _method, _path, operation in operations(spec):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
                }
        assert operation["security"] == [{"token": []}]


def test_optional_fields_say_their_default_in_words(spec: dict[str, Any]) -> None:
    """openapi-typescript takes a field with `default` for a required one."""
    schemas = spec["components"]["schemas"]
    fields = [field for schema in schemas.values() for field in schema.get("properties", {}).values()]
    assert [field for field in fields if "default" in field] == []
    assert schemas["RotationIn"]["properties"]["overlap_hours"]["description"].endswith(" Default: `24`.")
    assert "Default" not in str(schemas["AttributePatch"])
    assert {"roles", "groups", "attributes"} <= set(schemas["UserOut"]["required"])


def test_it_describes_request_headers(spec: dict[str, Any]) -> None:
    for method, path, operation in operations(spec):
        headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method == "post")
        assert ("X-Reason" in headers) == (method != "get")
        assert ("If-Match" in headers) == (method in {"patch", "put", "delete"} and path in VERSIONED)


def test_every_answer_is_described(app: App, api: Api, people: People, spec: dict[str, Any]) -> None:
    for number in range(3):
        people.create(name=f"Person {number}")
    user_id = api.post("/users", spec_example(spec, "UserIn")).json["id"]
    own, nobody = people.owner().id, "01a20c33-7cd6-70ee-b0a1-652ec903b536"
    member = Api(app, people.token_for(people.create()))
    key = {"Idempotency-Key": "a"}
    answers = [
        ("get", USERS, api.get("/users?limit=2")),
        ("get", USERS, api.get("/users?stauts=active")),
        ("get", USERS, member.get("/users")),
        ("get", USERS, Api(app, "wrong").get("/users")),
        ("post", USERS, api.post("/users", {"email": "a@example.com", "name": "A"}, headers=key)),
        ("post", USERS, api.post("/users", {"email": "a@example.com", "name": "A"}, headers=key)),
        ("post", USERS, api.post("/users", {"email": "a@example.com", "name": "A"})),
        ("post", USERS, api.post("/users", {"email": "a@example.com"})),
        ("post", USERS, api.post("/users", data=b"{}", content_type="text/plain")),
        ("post", USERS, api.post("/users", data=b"{", content_type="application/json")),
        ("post", USERS, api.post("/users", {"email": "x" * 2**20})),
        ("get", USER, api.get(f"/users/{user_id}")),
        ("get", USER, api.get(f"/users/{nobody}")),
        ("patch", USER, api.patch(f"/users/{user_id}", {"name": "Anton"})),
        ("patch", USER, api.patch(f"/users/{user_id}", {"name": "Anton"}, headers={"If-Match": "old"})),
        ("post", f"{USER}/deactivation", api.post(f"/users/{user_id}/deactivation", headers={"X-Reason": "x" * 501})),
        ("post", f"{USER}/deactivation", api.post(f"/users/{own}/deactivation")),
        ("post", f"{USER}/deactivation", api.post(f"/users/{user_id}/deactivation")),
        ("delete", f"{USER}/deactivation", api.delete(f"/users/{user_id}/deactivation")),
        ("delete", USER, api.delete(f"/users/{user_id}", headers={"If-Match": "old"})),
        ("delete", USER, api.delete(f"/users/{user_id}")),
        ("post", f"{USER}/restoration", api.post(f"/users/{user_id}/restoration")),
    ]
    for method, path, answer in answers:
        check_described(spec, method, path, answer)


def test_the_examples_of_bodies_work(api: Api, spec: dict[str, Any]) -> None:
    created = api.post("/users", spec_example(spec, "UserIn"))
    assert created.status_code == 201
    address = f"/users/{created.json['id']}"
    assert api.patch(address, spec_example(spec, "UserPatch")).status_code == 200
    assert api.delete(address).status_code == 204
    assert api.post(f"{address}/restoration", spec_example(spec, "RestorationIn")).status_code == 200


def test_the_page_shows_the_examples(visitor: Browser, spec: dict[str, Any]) -> None:
    shown = re.findall(r"<code>(\{\n.*?\})</code></pre>", visitor.get("/api/docs").text, re.DOTALL)
    examples = [json.loads(html.unescape(text)) for text in shown]
    for name in ("UserIn", "UserPatch", "RestorationIn"):
        assert spec_example(spec, name) in examples


def test_a_required_reason_is_reported_under_its_header(
    api: Api, people: People, change_settings: Callable[..., None]
) -> None:
    change_settings(reason_required=["user.deactivated"])
    anna = people.create()
    before = people.row_counts()
    response = api.post(f"/users/{anna.id}/deactivation")
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "X-Reason")
    assert people.row_counts() == before
    assert api.post(f"/users/{anna.id}/deactivation", headers={"X-Reason": "left"}).status_code == 200


def test_it_can_be_read(visitor: Browser) -> None:
    page = visitor.get("/api/docs").text
    assert "/api/v1/users" in page
    assert "Bearer" in page
