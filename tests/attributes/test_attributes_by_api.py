"""Attributes in the JSON API: types, checks, and responses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attributes.conftest import Catalogue
from tests.clients import Api
from tests.factories import People

pytestmark = pytest.mark.one_engine


def post(api: Api, **attributes: Any) -> Any:
    return api.post("/users", {"email": "anna@example.com", "name": "Anna", "attributes": attributes})


def test_values_are_saved_and_returned(api: Api, catalogue: Catalogue) -> None:
    for key, kind in (("room", "text"), ("size", "number"), ("away", "yes_no"), ("since", "date")):
        catalogue.define(key, kind)
    values = {"room": "Кабинет 12", "size": 1.5, "away": True, "since": "2026-11-24"}
    response = post(api, **values)
    assert response.status_code == 201
    assert response.json["attributes"] == values
    assert api.get(f"/users/{response.json['id']}").json["attributes"] == values
    assert values in [user["attributes"] for user in api.get("/users").json["items"]]


def test_null_means_no_value(api: Api, catalogue: Catalogue) -> None:
    catalogue.define("room")
    assert post(api, room=None).json["attributes"] == {}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 5),
        ("text", ["x"]),
        ("number", "5"),
        ("number", True),
        ("number", 10**400),
        ("number", float("inf")),
        ("number", float("nan")),
        ("date", "24.11.2026"),
        ("date", 20261124),
        ("yes_no", "yes"),
        ("yes_no", 1),
        ("choice", "IT"),
        ("choice", {"value": "it"}),
        ("person", 7),
        ("person", "01a20c33-7cd6-70ee-b0a1-652ec903b536"),
    ],
)
def test_a_value_of_another_type_is_refused(
    api: Api, catalogue: Catalogue, people: People, kind: str, value: Any
) -> None:
    catalogue.define("it", kind)
    people.owner()
    before = people.row_counts()
    response = post(api, it=value)
    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == ["attributes.it"]
    assert people.row_counts() == before


def test_undefined_attributes_are_reported_with_other_problems(api: Api) -> None:
    response = api.post("/users", {"email": "no", "name": "Anna", "attributes": {"room": 1, "x\x00": 2}})
    assert response.status_code == 422
    assert {error["field"] for error in response.json["errors"]} == {"email", "attributes.room", "attributes.x\x00"}
