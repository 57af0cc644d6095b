"""Programs list audit records with the filters of the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App


@pytest.fixture
def anna(app: App, people: People) -> UserOut:
    """A user who was renamed and then deactivated."""
    anna = people.create(name="Anna", email="anna@example.com", username="anna")
    with app.app_context():
        update_user(anna.id, name="Anna B", by=TESTER)
        deactivate_user(anna.id, by=TESTER)
    return anna


def read(api: Api, **query: Any) -> dict[str, Any]:
    response = api.get("/audit-records", query_string=query)
    assert response.status_code == 200, response.json
    return dict(response.json or {})


def actions(api: Api, **query: Any) -> list[str]:
    return [record["action"] for record in read(api, **query)["items"]]


def test_records_come_newest_first_with_what_changed(api: Api, anna: UserOut) -> None:
    records = read(api, subject="anna@example.com")["items"]
    assert [record["action"] for record in records] == ["user.deactivated", "user.updated", "user.created"]
    renamed = records[1]
    assert renamed["changes"]["name"] == ["Anna", "Anna B"]
    assert renamed["subject"] == {"kind": "user", "id": str(anna.id), "name": "Anna B"}
    assert (renamed["actor"]["name"], renamed["erased"]) == (TESTER.label, False)
    shown = api.get(f"/audit-records/{renamed['id']}")
    assert (shown.status_code, shown.json) == (200, renamed)


def test_the_filters_are_those_of_the_page(api: Api, people: People, anna: UserOut) -> None:
    assert actions(api, subject="anna", action="user.updated") == ["user.updated"]
    assert actions(api, subject=str(anna.id), field="name") == ["user.updated", "user.created"]
    assert actions(api, subject="anna", actor=people.owner().email) == []
    assert actions(api, subject="anna", since="2100-01-01") == actions(api, subject="anna", until="2020-01-01") == []
    assert len(actions(api, subject="anna", since="2020-01-01", until="2100-01-01T00:00:00Z")) == 3


def test_pages_are_linked_by_cursors(api: Api, anna: UserOut) -> None:
    first = api.get("/audit-records?subject=anna&limit=2")
    assert 'rel="next"' in first.headers["Link"]
    body = dict(first.json or {})
    assert body["count"] == {"value": 3, "exact": True}
    assert actions(api, subject="anna", limit=2, after=body["next"]) == ["user.created"]


@pytest.mark.parametrize(
    "query",
    [
        "actor=nobody@example.com",
        "subject=nobody",
        "subject=%00",
        "action=user.eaten",
        "since=yesterday",
        "since=2026-03-02&until=2026-03-01",
        "until=99999-01-01",
        "after=x",
        "limit=0",
        "nothing=1",
        "actor=a&actor=b",
    ],
)
def test_bad_parameters_are_400(api: Api, query: str) -> None:
    response = api.get(f"/audit-records?{query}")
    assert (response.status_code, bool(dict(response.json or {})["detail"])) == (400, True)


def test_an_unknown_record_is_404(api: Api) -> None:
    assert api.get(f"/audit-records/{uuid4()}").status_code == 404


def test_the_permission_and_the_scope_are_required(app: App, people: People, anna: UserOut) -> None:
    reader = people.create(name="Reader", password=people.password)
    scoped, _id = Tokens(app).create(people.owner(), "users.read")
    other, _id = Tokens(app).create(reader)
    for path in ("/audit-records", f"/audit-records/{UUID(int=1)}"):
        assert code_of(scoped.get(path)) == "missing_scope"
        assert other.get(path).status_code == 403


def test_a_page_takes_as_many_statements_for_one_record_as_for_many(app: App, api: Api, anna: UserOut) -> None:
    counts = []
    for limit in (1, 50):
        read(api, limit=limit)
        with captured_queries(app) as seen:
            read(api, limit=limit)
        counts.append(len(seen))
    # The token with its owner and their permissions, the records with their count, and the last archive.
    assert counts == [3, 3]


@pytest.mark.one_engine
def test_the_description_has_the_records(api: Api) -> None:
    paths = dict(api.get("/openapi.json").json or {})["paths"]
    names = {parameter["name"] for parameter in paths["/api/v1/audit-records"]["get"]["parameters"]}
    assert {"actor", "subject", "action", "field", "since", "until", "after", "limit"} <= names
    assert "/api/v1/audit-records/{record_id}" in paths
