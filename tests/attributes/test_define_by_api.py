"""Programs define attributes as people do under Settings."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.access_factory import Access
from tests.api_tokens.tokens import Tokens, code_of
from tests.attributes.conftest import Catalogue
from tests.clients import Api
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

COLOUR = {"key": "colour", "label_en": "Colour", "kind": "choice", "choices": [{"value": "red", "label_ru": "Красный"}]}


def keys(api: Api) -> list[str]:
    return [attribute["key"] for attribute in dict(api.get("/attributes").json or {})["items"]]


def test_an_attribute_is_created_once_and_shown(api: Api, people: People) -> None:
    key = {"Idempotency-Key": "1"}
    created = api.post("/attributes", COLOUR, headers=key)
    body = dict(created.json or {})
    assert (created.status_code, body["choices"]) == (
        201,
        [{"value": "red", "label_en": "red", "label_ru": "Красный"}],
    )
    assert api.post("/attributes", COLOUR, headers=key).json == body
    assert api.client.get(created.headers["Location"], headers=api.headers).json == body
    assert keys(api) == ["colour"]


@pytest.mark.both_engines
def test_an_attribute_is_changed_only_in_the_version_that_was_read(api: Api, catalogue: Catalogue) -> None:
    path = f"/attributes/{catalogue.define('office')}"
    shown = api.get(path)
    tag = {"If-Match": shown.headers["ETag"]}
    changed = api.patch(path, {"label_en": "Building", "unique": True}, headers=tag)
    assert changed.status_code == 200
    assert changed.json == dict(shown.json or {}) | {"label_en": "Building", "unique": True, "version": 2}
    refused = api.patch(path, {"label_en": "House"}, headers=tag)
    assert (refused.status_code, api.delete(path, headers=tag).status_code) == (412, 412)
    assert api.get(path).json == changed.json
    assert api.patch(path, {"label_ru": None, "help": None}).status_code == 200


@pytest.mark.both_engines
def test_a_deleted_attribute_can_be_restored(api: Api, catalogue: Catalogue) -> None:
    path = f"/attributes/{catalogue.define('office')}"
    assert [api.delete(path).status_code for _twice in range(2)] == [204, 204]
    assert (keys(api), api.get(path).status_code) == ([], 404)
    assert api.post(f"{path}/restoration").status_code == 200
    assert keys(api) == ["office"]


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"key": "Office", "label_en": "Office"}, 422),
        ({"key": "taken", "label_en": "Office"}, 422),
        ({"label_en": "x" * 81}, 422),
        ({"label_en": "a\x00b"}, 422),
        ({"label_en": "\u202ea"}, 422),
        ({"label_en": "Office", "kind": "colour"}, 422),
        ({"label_en": "Office", "kind": "choice"}, 422),
        ({"label_en": "Office", "unique": "yes"}, 422),
        ({"label_en": "Office", "kind": "yes_no", "unique": True}, 422),
        ({"label_en": "Office", "position": 1}, 422),
        ([], 422),
    ],
)
def test_a_refused_attribute_leaves_no_trace(
    api: Api, catalogue: Catalogue, people: People, body: Any, status: int
) -> None:
    catalogue.define("taken")
    before = people.row_counts()
    response = api.post("/attributes", body)
    assert (response.status_code, people.row_counts(), bool(dict(response.json or {})["detail"])) == (
        status,
        before,
        True,
    )


@pytest.mark.both_engines
def test_a_choice_that_cannot_be_written_as_a_line_is_refused(api: Api, people: People) -> None:
    """The form would show it as another value, and an undo would restore another one."""
    before = people.row_counts()
    for choice in ({"value": "A|B"}, {"value": "A", "label_en": "A|B"}):
        answer = api.post("/attributes", {"label_en": "Unit", "kind": "choice", "choices": [choice]})
        assert (answer.status_code, answer.json["errors"][0]["field"], code_of(answer)) == (422, "choices", "separator")
    assert people.row_counts() == before


def test_values_of_people_refuse_a_change(api: Api, catalogue: Catalogue, people: People) -> None:
    path = f"/attributes/{catalogue.define('office')}"
    for _number in range(2):
        people.create(attributes={"office": "Moscow"})
    before = people.row_counts()
    assert api.patch(path, {"unique": True}).status_code == 422
    assert people.row_counts() == before


def test_the_permission_and_the_scope_are_required(
    app: App, people: People, access: Access, catalogue: Catalogue
) -> None:
    path = f"/attributes/{catalogue.define('office')}"
    scoped, _id = Tokens(app).create(people.owner(), "users.read")
    reader, _id = Tokens(app).create(access.person("Reader"))
    before = people.row_counts()
    for api in (scoped, reader):
        responses = [
            api.get("/attributes"),
            api.post("/attributes", COLOUR),
            api.get(path),
            api.patch(path, {"label_en": "X"}),
            api.delete(path),
            api.post(f"{path}/restoration"),
        ]
        assert [response.status_code for response in responses] == [403] * 6
    assert code_of(scoped.get(path)) == "missing_scope"
    assert people.row_counts() == before


def test_an_unknown_attribute_is_404(api: Api) -> None:
    path = f"/attributes/{uuid4()}"
    responses = [api.get(path), api.patch(path, {"label_en": "X"}), api.delete(path), api.post(f"{path}/restoration")]
    assert [response.status_code for response in responses] == [404] * 4


def test_the_description_has_the_attributes(api: Api) -> None:
    paths = dict(api.get("/openapi.json").json or {})["paths"]
    assert {"get", "post"} <= paths["/api/v1/attributes"].keys()
    assert {"get", "patch", "delete"} <= paths["/api/v1/attributes/{attribute_id}"].keys()
