"""Programs move attributes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import TESTER, People
from webapp.attributes.services import create_attribute
from webapp.web.api import App

PATH = "/api/v1/attributes/{attribute_id}/position"


@pytest.fixture
def ids(app: App) -> list[str]:
    """The attributes a, b, c and d."""
    with app.app_context():
        return [str(create_attribute(key=key, label_en=key, by=TESTER).id) for key in "abcd"]


def move(api: Api, attribute_id: object, body: Any) -> Any:
    path = f"/api/v1/attributes/{attribute_id}/position"
    return api.client.put(path, json=body, headers=api.headers)


def order(api: Api) -> str:
    return "".join(row["key"] for row in api.get("/attributes").json["items"])


def test_an_attribute_is_moved_to_a_position(api: Api, people: People, ids: list[str]) -> None:
    assert (move(api, ids[3], {"position": 1}).status_code, order(api)) == (200, "dabc")
    assert (move(api, ids[3], {"position": 3}).status_code, order(api)) == (200, "abdc")
    assert (move(api, ids[0], {"position": 100}).status_code, order(api)) == (200, "bdca")
    before = people.row_counts()
    assert (move(api, ids[0], {"position": 4}).status_code, people.row_counts()) == (200, before)


@pytest.mark.one_engine
@pytest.mark.parametrize("position", [0, -1, 1.5, "1", None, True, 10**40])
def test_wrong_positions_leave_no_trace(api: Api, people: People, ids: list[str], position: Any) -> None:
    before = people.row_counts()
    answer = move(api, ids[3], {"position": position})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "position")
    assert (people.row_counts(), order(api)) == (before, "abcd")


@pytest.mark.one_engine
def test_the_scope_is_required(app: App, people: People, ids: list[str]) -> None:
    limited, _id = Tokens(app).create(people.owner(), "users.read")
    before = people.row_counts()
    assert code_of(move(limited, ids[3], {"position": 1})) == "missing_scope"
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_answers_are_as_described(api: Api, ids: list[str]) -> None:
    spec = api.get("/openapi.json").json
    check_described(spec, "put", PATH, move(api, ids[3], spec_example(spec, "PositionIn")))
    check_described(spec, "put", PATH, move(api, uuid4(), {"position": 1}))
