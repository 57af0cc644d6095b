"""Likely duplicates by the API."""

from __future__ import annotations

import pytest

from tests.clients import Api
from tests.duplicates.finding import find_duplicates, open_pairs
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_pairs_are_listed_and_dismissed(app: App, api: Api, people: People) -> None:
    ids = {str(people.create(name=name).id) for name in ("Анна Иванова", "Anna Ivanova")}
    find_duplicates(app)
    listed = api.get("/duplicates").json
    (pair,) = listed["items"]
    assert {user["id"] for user in pair["users"]} == ids
    assert (pair["strength"], pair["evidence"]) == (28, ["Same name in Latin and in Cyrillic letters"])
    assert listed["count"] == {"value": 1, "exact": True}
    for _time in range(2):
        assert api.post(f"/duplicates/{pair['id']}/dismissal").status_code == 204
    assert open_pairs(app) == []
    assert api.get("/duplicates").json["items"] == []


def test_unknown_pairs_are_404(app: App, api: Api, people: People) -> None:
    before = people.row_counts()
    assert api.post(f"/duplicates/{people.create().id}/dismissal").status_code == 404
    assert people.row_counts()["audit_records"] == before["audit_records"] + 1
    assert api.post("/duplicates/x/dismissal").status_code == 404
