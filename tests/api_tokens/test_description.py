"""openapi.json and its readable form."""

from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.clients import Browser

pytestmark = pytest.mark.one_engine


def test_it_is_valid_openapi_3_1(visitor: Browser) -> None:
    spec = visitor.get("/api/v1/openapi.json").json
    assert spec["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(spec).validate()


def test_it_tells_every_route_of_the_api(visitor: Browser) -> None:
    app = visitor.client.application
    described = set(visitor.get("/api/v1/openapi.json").json["paths"])
    routes = {
        rule.rule.replace("<uuid:user_id>", "{user_id}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi"
    }
    assert described == routes


def test_it_tells_what_each_answer_may_be(visitor: Browser) -> None:
    create = visitor.get("/api/v1/openapi.json").json["paths"]["/api/v1/users"]["post"]
    assert {"201", "400", "401", "403", "409", "415", "422"} <= set(create["responses"])
    problem = create["responses"]["422"]["content"]
    assert "application/problem+json" in problem
    assert create["security"] == [{"token": []}]


def test_it_can_be_read(visitor: Browser) -> None:
    page = visitor.get("/api/docs").text
    assert "/api/v1/users" in page
    assert "Bearer" in page
