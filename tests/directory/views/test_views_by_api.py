"""Programs save, change, share and delete views."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, HELPDESK
from webapp.web.api import App

VIEWS, VIEW = "/api/v1/views", "/api/v1/views/{view_id}"
INVITED = {"name": "Invited", "address": "status=invited"}


def create(api: Api, **fields: Any) -> dict[str, Any]:
    answer = api.post("/views", INVITED | fields)
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def test_a_view_is_saved_and_lists_its_people(api: Api, people: People) -> None:
    people.create(name="Anna")
    view = create(api)
    assert (view["address"], view["shared"], view["owner"]["name"]) == (
        "sort=name&status=invited",
        False,
        people.owner().name,
    )
    assert [user["name"] for user in api.get(f"/users?view={view['id']}").json["items"]] == ["Anna"]
    assert api.get("/views").json["items"] == [view]
    assert api.get(f"/views/{view['id']}").json == view


def test_one_key_saves_one_view(api: Api) -> None:
    sent = [api.post("/views", INVITED, headers={"Idempotency-Key": "a"}) for _time in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert len(api.get("/views").json["items"]) == 1


def test_a_view_is_changed_in_parts_and_deleted(api: Api, people: People) -> None:
    view = create(api)
    changed = api.patch(f"/views/{view['id']}", {"name": "Waiting"})
    assert (changed.json["name"], changed.json["address"]) == ("Waiting", view["address"])
    assert people.audit_trail(UUID(view["id"]))[-1] == ("view.updated", {"name": ["Invited", "Waiting"]})
    assert api.delete(f"/views/{view['id']}").status_code == 204
    assert api.get(f"/views/{view['id']}").status_code == 404


def test_of_two_programs_at_once_the_second_gets_412(api: Api, people: People) -> None:
    address = f"/views/{create(api)['id']}"
    etag = {"If-Match": api.get(address).headers["ETag"]}
    assert api.patch(address, {"name": "First"}, headers=etag).status_code == 200
    before = people.row_counts()
    assert api.patch(address, {"name": "Second"}, headers=etag).status_code == 412
    assert api.delete(address, headers=etag).status_code == 412
    assert (people.row_counts(), api.get(address).json["name"]) == (before, "First")


def test_others_see_a_shared_view_and_only_some_end_the_sharing(
    app: App, api: Api, people: People, access: Access
) -> None:
    address = f"/views/{create(api, shared=True)['id']}"
    helper = Api(app, people.token_for(access.person("Anna", roles=[HELPDESK])))
    administrator = Api(app, people.token_for(access.person("Boris", roles=[ADMINISTRATOR])))
    assert helper.get(address).json["shared"] is True
    before = people.row_counts()
    for answer in (
        helper.patch(address, {"name": "Mine"}),
        helper.delete(address),
        helper.delete(f"{address}/sharing"),
        administrator.patch(address, {"name": "Mine"}),
    ):
        assert answer.status_code == 403
    assert people.row_counts() == before
    assert administrator.delete(f"{address}/sharing").status_code == 204
    assert administrator.get(address).status_code == helper.get(address).status_code == 404
    assert api.get(address).json["shared"] is False


def test_sharing_takes_the_scope(app: App, people: People) -> None:
    reader, _id = Tokens(app).create(people.owner(), "users.read")
    other, _id = Tokens(app).create(people.owner(), "views.share")
    before = people.row_counts()
    assert reader.post("/views", INVITED | {"shared": True}).status_code == 403
    assert code_of(other.post("/views", INVITED)) == "missing_scope"
    assert people.row_counts() == before
    assert reader.post("/views", INVITED).status_code == 201


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "name"),
        ({"name": " "}, 422, "name"),
        ({"name": "\u202e"}, 422, "name"),
        ({"name": "a\x00"}, 422, "name"),
        ({"name": "Я" * 81}, 422, "name"),
        ({"name": 1}, 422, "name"),
        ({"name": "A", "address": "status=eaten"}, 422, "address"),
        ({"name": "A", "address": "q=" + "a" * 2000}, 422, "address"),
        ({"name": "A", "shared": "yes"}, 422, "shared"),
        ({"name": "A", "owner": "me"}, 422, "owner"),
        ({"name": "TAKEN"}, 409, "name"),
    ],
)
def test_wrong_bodies_are_reported_by_field(
    api: Api, people: People, body: dict[str, Any], status: int, field: str
) -> None:
    create(api, name="Taken")
    before = people.row_counts()
    answer = api.post("/views", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (status, field), answer.json
    assert people.row_counts() == before


def test_emoji_and_cyrillic_names_are_kept(api: Api) -> None:
    assert create(api, name="Новые 🙂")["name"] == "Новые 🙂"


def test_a_list_takes_as_many_statements_for_one_view_as_for_many(app: App, api: Api) -> None:
    for number in range(3):
        create(api, name=f"View {number}")
    counts = []
    for limit in (1, 3):
        api.get(f"/views?limit={limit}")
        with captured_queries(app) as seen:
            api.get(f"/views?limit={limit}")
        counts.append(len(seen))
    # The token with its owner and their permissions, and the views with their owners and their count.
    assert counts == [2, 2]


@pytest.mark.one_engine
def test_answers_are_as_described(api: Api) -> None:
    spec = api.get("/openapi.json").json
    created = api.post("/views", spec_example(spec, "ViewIn"))
    address = f"/views/{created.json['id']}"
    for method, path, answer in (
        ("post", VIEWS, created),
        ("post", VIEWS, api.post("/views", spec_example(spec, "ViewIn"))),
        ("get", VIEWS, api.get("/views?limit=1")),
        ("get", VIEW, api.get(address)),
        ("patch", VIEW, api.patch(address, spec_example(spec, "ViewPatch"))),
        ("patch", VIEW, api.patch(address, {}, headers={"If-Match": "old"})),
        ("delete", f"{VIEW}/sharing", api.delete(f"{address}/sharing")),
        ("delete", VIEW, api.delete(address)),
        ("delete", VIEW, api.delete(f"/views/{uuid4()}")),
    ):
        check_described(spec, method, path, answer)
