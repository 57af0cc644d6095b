"""Groups in the JSON API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import GROUP_OWNER, HELPDESK, Group
from webapp.db.session import db
from webapp.web.api import App

GROUPS, GROUP = "/api/v1/groups", "/api/v1/groups/{group_id}"
NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


@pytest.fixture
def tokens(app: App) -> Tokens:
    return Tokens(app)


def row(app: App, group_id: object) -> Group:
    with app.app_context():
        return db.session.get_one(Group, UUID(str(group_id)))


def names(answer: Any) -> list[str]:
    return [group["name"] for group in answer.json["items"]]


def test_a_group_is_created_with_its_audit_record(app: App, api: Api, people: People, access: Access) -> None:
    parent = access.group("Sales")
    answer = api.post("/groups", {"name": " North  ", "description": "Север", "parent_id": str(parent)})
    assert (answer.status_code, answer.json["name"], answer.json["parent_id"]) == (201, "North", str(parent))
    stored = row(app, answer.json["id"])
    assert (stored.name, stored.description, stored.parent_id) == ("North", "Север", parent)
    assert people.audit_trail(stored.id)[0][0] == "group.created"
    assert api.get(answer.headers["Location"].removeprefix("/api/v1")).json == answer.json


def test_one_key_creates_one_group(app: App, api: Api) -> None:
    sent = [api.post("/groups", {"name": "North"}, headers={"Idempotency-Key": "a"}) for _time in range(2)]
    assert (sent[0].json, sent[1].headers["Idempotency-Replayed"]) == (sent[1].json, "true")
    with app.app_context():
        assert len(db.session.scalars(select(Group)).all()) == 1


def test_a_list_is_searched_nested_and_paged(app: App, api: Api, access: Access) -> None:
    sales = access.group("Sales")
    for name in ("Sales North", "Sales South", "Support"):
        access.group(name, parent_id=sales if name.startswith("Sales") else None)
    assert names(api.get("/groups")) == ["Sales", "Sales North", "Sales South", "Support"]
    assert names(api.get("/groups?q=sales nor")) == ["Sales North"]
    assert names(api.get(f"/groups?inside={sales}")) == ["Sales North", "Sales South"]
    with captured_queries(app) as queries:
        first = api.get("/groups?limit=3")
    # The token with its user and their powers, the page, and which parents the caller sees.
    assert len(queries) <= 3, queries
    assert (first.json["count"], 'rel="next"' in first.headers["Link"]) == ({"value": 4, "exact": True}, True)
    assert names(api.get(f"/groups?limit=3&after={first.json['next']}")) == ["Support"]


@pytest.mark.one_engine
def test_what_a_list_does_not_understand_is_never_all_groups(api: Api, access: Access) -> None:
    access.group("Sales")
    for query in ("inside=nonsense", "page=2", "q=a&q=b", "after=x", "limit=0", "limit=1000"):
        assert api.get(f"/groups?{query}").status_code == 400, query
    assert api.get(f"/groups?inside={NOWHERE}").status_code == 404
    assert names(api.get("/groups?q=\u202e")) == []


def test_a_patch_changes_only_what_was_sent(app: App, api: Api, people: People, access: Access) -> None:
    parent, group = access.group("Sales"), access.group("North", description="x")
    moved = api.patch(f"/groups/{group}", {"parent_id": str(parent)})
    assert (moved.status_code, moved.json["name"], moved.json["parent_id"]) == (200, "North", str(parent))
    renamed = api.patch(f"/groups/{group}", {"name": "South", "description": None})
    assert (renamed.json["description"], renamed.json["parent_id"], renamed.json["version"]) == ("", str(parent), 3)
    assert people.audit_trail(group)[-1] == (
        "group.updated",
        {"name": ["North", "South"], "description": ["x", ""]},
    )
    before = people.row_counts()
    assert api.patch(f"/groups/{group}", {}).json == renamed.json
    assert (people.row_counts(), row(app, group).version) == (before, 3)


def test_of_two_people_at_once_the_second_gets_412(app: App, api: Api, people: People, access: Access) -> None:
    address = f"/groups/{access.group('North')}"
    etag = {"If-Match": api.get(address).headers["ETag"]}
    assert api.patch(address, {"name": "First"}, headers=etag).status_code == 200
    before = people.row_counts()
    assert api.patch(address, {"name": "Second"}, headers=etag).status_code == 412
    assert api.delete(address, headers=etag).status_code == 412
    assert (people.row_counts(), api.get(address).json["name"]) == (before, "First")
    assert api.delete(address, headers={"If-Match": api.get(address).headers["ETag"]}).status_code == 204


def test_a_group_is_deleted_and_restored(app: App, api: Api, people: People, access: Access) -> None:
    group = access.group("North")
    assert [api.delete(f"/groups/{group}").status_code for _time in range(2)] == [204, 204]
    assert row(app, group).deleted_at is not None
    assert api.get(f"/groups/{group}").status_code == 404
    restored = [api.post(f"/groups/{group}/restoration") for _time in range(2)]
    assert [(each.status_code, each.json["name"]) for each in restored] == [(200, "North")] * 2
    trail = [action for action, _changes in people.audit_trail(group)]
    assert trail == ["group.created", "group.deleted", "group.restored"]


def test_refusals_leave_no_trace(api: Api, people: People, access: Access) -> None:
    sales, taken = access.group("Sales"), access.group("Taken")
    inner = access.group("Inner", parent_id=sales)
    access.group("Old name")
    before = people.row_counts()
    for answer, status in (
        (api.post("/groups", {"name": "taken"}), 409),
        (api.post("/groups", {"name": "New", "parent_id": NOWHERE}), 404),
        (api.patch(f"/groups/{sales}", {"name": "Taken"}), 409),
        (api.patch(f"/groups/{sales}", {"parent_id": str(inner)}), 422),
        (api.patch(f"/groups/{NOWHERE}", {"name": "A"}), 404),
        (api.delete(f"/groups/{sales}"), 422),
        (api.delete(f"/groups/{NOWHERE}"), 404),
        (api.post(f"/groups/{NOWHERE}/restoration"), 404),
        (api.post(f"/groups/{taken}/restoration", {"name": "A"}), 400),
    ):
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.json
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "\u202eevil"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "🎉" * 81}, "name"),
        ({"name": "A", "description": "Я" * 501}, "description"),
        ({"name": "A", "parent_id": "Sales"}, "parent_id"),
        ({"name": "A", "parent": NOWHERE}, "parent"),
        ({"name": "A", "id": NOWHERE}, "id"),
    ],
)
def test_wrong_bodies_are_reported_by_field(api: Api, people: People, body: dict[str, Any], field: str) -> None:
    before = people.row_counts()
    answer = api.post("/groups", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert people.row_counts() == before


def test_staff_of_one_group_see_and_change_only_that_group(app: App, people: People, access: Access) -> None:
    north = access.group("North", parent_id=access.group("Sales"))
    inner, south = access.group("Inner", parent_id=north), access.group("South")
    anna = access.person("Anna")
    access.grant(GROUP_OWNER, user_id=anna.id, scope_id=north)
    api = Api(app, people.token_for(anna))
    assert names(api.get("/groups")) == ["Inner", "North"]
    assert api.get(f"/groups/{inner}").json["parent_id"] == str(north)
    # The parent of North is outside what Anna sees.
    assert api.get(f"/groups/{north}").json["parent_id"] is None
    assert api.patch(f"/groups/{north}", {"description": "ours"}).status_code == 200
    before = people.row_counts()
    assert api.get(f"/groups/{south}").status_code == 404
    assert api.get(f"/groups?inside={south}").status_code == 404
    assert api.patch(f"/groups/{south}", {"name": "A"}).status_code == 404
    assert api.delete(f"/groups/{south}").status_code == 404
    assert api.post("/groups", {"name": "New"}).status_code == 403
    assert api.post("/groups", {"name": "New", "parent_id": str(south)}).status_code == 404
    assert people.row_counts() == before


def test_permissions_and_scopes_are_checked(app: App, tokens: Tokens, people: People, access: Access) -> None:
    group = access.group("North")
    helpdesk = access.person("Helpdesk")
    access.grant(HELPDESK, user_id=helpdesk.id)
    limited, _id = tokens.create(people.owner(), "users.read")
    before = people.row_counts()
    for caller in (Api(app, people.token_for(helpdesk)), limited):
        assert caller.get(f"/groups/{group}").status_code == 200
        for answer in (
            caller.post("/groups", {"name": "A"}),
            caller.patch(f"/groups/{group}", {"name": "A"}),
            caller.delete(f"/groups/{group}"),
            caller.post(f"/groups/{group}/restoration"),
        ):
            assert answer.status_code == 403
            assert caller is not limited or code_of(answer) == "missing_scope"
    assert {**people.row_counts(), "api_tokens": before["api_tokens"]}["groups"] == before["groups"]
    assert row(app, group).version == 1


@pytest.mark.one_engine
def test_answers_are_as_described(app: App, api: Api) -> None:
    spec = api.get("/openapi.json").json
    created = api.post("/groups", spec_example(spec, "GroupIn"))
    address = f"/groups/{created.json['id']}"
    for method, path, answer in (
        ("post", GROUPS, created),
        ("post", GROUPS, api.post("/groups", spec_example(spec, "GroupIn"))),
        ("post", GROUPS, api.post("/groups", {})),
        ("get", GROUPS, api.get("/groups?limit=1")),
        ("get", GROUP, api.get(address)),
        ("get", GROUP, api.get(f"/groups/{NOWHERE}")),
        ("patch", GROUP, api.patch(address, spec_example(spec, "GroupPatch"))),
        ("patch", GROUP, api.patch(address, {}, headers={"If-Match": "old"})),
        ("delete", GROUP, api.delete(address, headers={"If-Match": "old"})),
        ("delete", GROUP, api.delete(address)),
        ("post", f"{GROUP}/restoration", api.post(f"{address}/restoration")),
    ):
        check_described(spec, method, path, answer)
