"""Imports by the API."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.clients import Api
from tests.factories import People

ANNA = "email,name\nanna@example.com,Anna\nwrong,Boris\n"


def sent(api: Api, text: str = ANNA, **options: Any) -> Any:
    body = {"filename": "people.csv", "content": base64.b64encode(text.encode()).decode()} | options
    response = api.post("/imports", body)
    assert response.status_code == 201, response.text
    return response.json


def test_a_file_is_planned_applied_and_undone(api: Api, people: People) -> None:
    planned = sent(api)
    assert (planned["state"], planned["counts"]) == ("planned", {"create": 1, "refused": 1})
    path = f"/imports/{planned['id']}"
    rows = api.get(f"{path}/rows").json["items"]
    assert [(row["number"], row["outcome"]) for row in rows] == [(2, "create"), (3, "refused")]
    applied = api.post(f"{path}/application", {"plan_hash": planned["plan_hash"]}).json
    assert (applied["state"], applied["counts"]) == ("applied", {"created": 1, "refused": 1})
    assert people.row(email="anna@example.com")
    assert api.post(f"{path}/undo").json["counts"] == {"undone": 1, "refused": 1}


def test_options_can_be_changed_and_the_import_discarded(api: Api, people: People) -> None:
    before = people.row_counts()
    planned = sent(api)
    again = api.post(f"/imports/{planned['id']}/preview", {"mode": "update"}).json
    assert again["counts"] == {"refused": 2}
    assert api.delete(f"/imports/{planned['id']}").status_code == 204
    assert people.row_counts() == before


def test_a_repeated_file_is_sent_once(api: Api, people: People) -> None:
    body, key = {"content": base64.b64encode(ANNA.encode()).decode()}, {"Idempotency-Key": "1"}
    first = api.post("/imports", body, headers=key)
    before = people.row_counts()
    again = api.post("/imports", body, headers=key)
    assert (again.status_code, again.json) == (201, first.json)
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "change", [{"content": "!"}, {"mode": "all"}, {"threshold": 101}, {"key": "attr.none"}, {"mapping": {"x": 1}}]
)
def test_wrong_values_leave_no_trace(api: Api, people: People, change: dict[str, Any]) -> None:
    before = people.row_counts()
    body = {"content": base64.b64encode(ANNA.encode()).decode()} | change
    assert api.post("/imports", body).status_code == 422
    assert people.row_counts() == before
