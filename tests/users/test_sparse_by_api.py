"""`fields` and `expand` of users, groups and roles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, HELPDESK
from webapp.attributes.services import create_attribute
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def manager(app: App, people: People) -> UserOut:
    with app.app_context():
        create_attribute(key="manager", kind="person", label_en="Manager", by=TESTER)
    return people.create(name="Маргарита")


@pytest.fixture
def anna(access: Access, people: People, manager: UserOut) -> UserOut:
    anna = people.create(name="Anna", roles=[HELPDESK, AUDITOR], attributes={"manager": str(manager.id)})
    access.add_member(access.group("North", description="The north"), anna.id)
    return anna


def test_fields(api: Api, anna: UserOut) -> None:
    assert api.get(f"/users/{anna.id}?fields=id,name").json == {"id": str(anna.id), "name": "Anna"}
    page = api.get("/users?fields=name&q=Anna").json
    assert (page["items"], page["count"]) == ([{"name": "Anna"}], {"value": 1, "exact": True})


def test_expand(api: Api, anna: UserOut, manager: UserOut) -> None:
    whole = api.get(f"/users/{anna.id}").json
    found = api.get(f"/users/{anna.id}?expand=roles,groups,manager").json
    expanded = found.pop("expanded")
    assert found == whole
    assert [role["name"] for role in expanded["roles"]] == ["Auditor", "Helpdesk"]
    assert [(group["name"], group["description"]) for group in expanded["groups"]] == [("North", "The north")]
    assert expanded["people"] == {
        "manager": {"id": str(manager.id), "name": "Маргарита", "email": manager.email},
    }
    assert api.get("/users?q=Anna&fields=id&expand=roles").json["items"] == [
        {"id": str(anna.id), "expanded": {"roles": expanded["roles"]}}
    ]


def test_a_part_has_the_etag_of_the_whole(api: Api, anna: UserOut) -> None:
    path = f"/users/{anna.id}"
    etag = api.get(f"{path}?fields=name&expand=roles").headers["ETag"]
    assert etag == api.get(path).headers["ETag"]
    assert api.patch(path, {"name": "Anna B"}, headers={"If-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/users?fields=nonsense",
        "/users?fields=,",
        "/users?fields=id,",
        "/users?expand=,",
        "/groups?fields=,",
        "/users?fields=name,password_hash",
        "/users?expand=nonsense",
        "/users?expand=expanded",
        "/groups?fields=members",
        "/groups?expand=roles",
        "/roles?fields=holders",
        "/roles?expand=holders",
        "/users?fields=id&fields=name",
    ],
)
def test_unknown_names_are_400(api: Api, manager: UserOut, address: str) -> None:
    refused = api.get(address)
    assert (refused.status_code, refused.content_type) == (400, "application/problem+json")
    assert refused.json["errors"][0]["field"] in {"fields", "expand"}
    path, _mark, query = address.partition("?")
    row = api.get(f"{path}?limit=1").json["items"]
    if row:
        assert api.get(f"{path}/{row[0]['id']}?{query}").status_code == 400


def test_groups_and_roles(api: Api, access: Access) -> None:
    north = access.group("North")
    east = access.group("East", parent_id=north)
    assert api.get(f"/groups/{east}?fields=name&expand=parent").json == {
        "name": "East",
        "expanded": {"parent": {"id": str(north), "name": "North", "description": ""}},
    }
    items = api.get("/groups?expand=parent&fields=id").json["items"]
    assert [item["expanded"]["parent"] is None for item in items] == [False, True]
    assert set(api.get(f"/roles/{AUDITOR}?fields=name,version").json) == {"name", "version"}
    assert all(set(item) == {"id"} for item in api.get("/roles?fields=id").json["items"])


@pytest.mark.both_engines
def test_expanding_takes_a_fixed_number_of_statements(app: App, api: Api, anna: UserOut, people: People) -> None:
    def count(address: str) -> int:
        with captured_queries(app) as queries:
            assert api.get(address).status_code == 200
        return len(queries)

    address = "/users?count=exact"
    everything = f"{address}&expand=roles,groups,manager"
    # The first request of a token records its use.
    count(address)
    plain, expanded = count(address), count(everything)
    assert expanded == plain + 3
    for number in range(10):
        people.create(name=f"Person {number}", roles=[HELPDESK], attributes={"manager": str(anna.id)})
    assert count(everything) == expanded


def test_the_person_in_an_attribute_must_be_visible(
    app: App, access: Access, people: People, anna: UserOut, manager: UserOut
) -> None:
    viewer: Any = access.person("Viewer")
    north = access.group("West")
    access.add_member(north, anna.id)
    access.grant(access.role("Reader", "users.read"), user_id=viewer.id, scope_id=north)
    limited = Api(app, people.token_for(viewer))
    found = limited.get(f"/users/{anna.id}?expand=manager").json
    assert found["expanded"]["people"] == {"manager": None}
    # North is a group of Anna, too, but outside the viewer's groups.
    groups = limited.get(f"/users/{anna.id}?expand=groups").json["expanded"]["groups"]
    assert [group["name"] for group in groups] == ["West"]
