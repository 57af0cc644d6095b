"""Roles in the JSON API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, HELPDESK, OWNER, Role
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.web.api import App

ROLES, ROLE = "/api/v1/roles", "/api/v1/roles/{role_id}"
NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"
RECEPTION = {"name": "Reception", "permissions": ["users.read", "users.create"]}


def row(app: App, role_id: object) -> Role:
    with app.app_context():
        return db.session.get_one(Role, UUID(str(role_id)))


def names(answer: Any) -> list[str]:
    return [role["name"] for role in answer.json["items"]]


def test_a_role_is_created_with_its_audit_record(app: App, api: Api, people: People) -> None:
    answer = api.post("/roles", RECEPTION)
    assert (answer.status_code, answer.json["permissions"]) == (201, ["users.create", "users.read"])
    stored = row(app, answer.json["id"])
    assert (stored.name, stored.permissions) == ("Reception", ["users.create", "users.read"])
    assert people.audit_trail(stored.id)[0][0] == "role.created"
    assert api.get(answer.headers["Location"].removeprefix("/api/v1")).json == answer.json


def test_one_key_creates_one_role(api: Api, people: People) -> None:
    sent = [api.post("/roles", RECEPTION, headers={"Idempotency-Key": "a"}) for _time in range(2)]
    assert (sent[0].json, sent[1].headers["Idempotency-Replayed"]) == (sent[1].json, "true")
    assert people.row_counts()["roles"] == 1


def test_roles_are_listed_by_name_in_pages(app: App, api: Api, access: Access) -> None:
    access.role("Reception", "users.read")
    # The first request with a token writes when it was used.
    api.get("/me")
    with captured_queries(app) as queries:
        first = api.get("/roles?limit=5")
    # The token with its user and their powers, and the page.
    assert len(queries) <= 2, queries
    assert names(first) == ["Administrator", "Auditor", "Group owner", "Helpdesk", "Owner"]
    rest = api.get(f"/roles?limit=5&after={first.json['next']}")
    assert (names(rest), rest.json["items"][0]["built_in"]) == (["Reception"], False)
    owner = api.get(f"/roles/{OWNER}").json
    assert (owner["built_in"], owner["permissions"]) == (True, sorted(Permission))


def test_a_patch_changes_only_what_was_sent(app: App, api: Api, people: People, access: Access) -> None:
    role = access.role("Reception", "users.read")
    changed = api.patch(f"/roles/{role}", {"description": "Front desk"})
    assert (changed.json["name"], changed.json["permissions"]) == ("Reception", ["users.read"])
    api.patch(f"/roles/{role}", {"permissions": ["users.edit", "users.read", "users.read"], "description": None})
    stored = row(app, role)
    assert (stored.permissions, stored.description, stored.version) == (["users.edit", "users.read"], "", 3)
    assert people.audit_trail(role)[-1][0] == "role.updated"
    before = people.row_counts()
    assert api.patch(f"/roles/{role}", {}).json["version"] == 3
    assert people.row_counts() == before


def test_of_two_people_at_once_the_second_gets_412(api: Api, people: People, access: Access) -> None:
    address = f"/roles/{access.role('Reception', 'users.read')}"
    etag = {"If-Match": api.get(address).headers["ETag"]}
    assert api.patch(address, {"name": "First"}, headers=etag).status_code == 200
    before = people.row_counts()
    assert api.patch(address, {"name": "Second"}, headers=etag).status_code == 412
    assert api.delete(address, headers=etag).status_code == 412
    assert (people.row_counts(), api.get(address).json["name"]) == (before, "First")
    assert api.delete(address, headers={"If-Match": api.get(address).headers["ETag"]}).status_code == 204


def test_a_role_is_deleted_and_restored(app: App, api: Api, people: People, access: Access) -> None:
    role = access.role("Reception", "users.read")
    assert [api.delete(f"/roles/{role}").status_code for _time in range(2)] == [204, 204]
    assert row(app, role).deleted_at is not None
    assert api.get(f"/roles/{role}").status_code == 404
    restored = [api.post(f"/roles/{role}/restoration") for _time in range(2)]
    assert [(each.status_code, each.json["name"]) for each in restored] == [(200, "Reception")] * 2
    trail = [action for action, _changes in people.audit_trail(role)]
    assert trail == ["role.created", "role.deleted", "role.restored"]


def test_refusals_leave_no_trace(api: Api, people: People, access: Access) -> None:
    role = access.role("Reception", "users.read")
    before = people.row_counts()
    for answer, status in (
        (api.post("/roles", RECEPTION | {"name": "helpdesk"}), 409),
        (api.patch(f"/roles/{role}", {"name": "Owner"}), 409),
        (api.patch(f"/roles/{HELPDESK}", {"name": "A"}), 403),
        (api.delete(f"/roles/{HELPDESK}"), 403),
        (api.patch(f"/roles/{NOWHERE}", {"name": "A"}), 404),
        (api.delete(f"/roles/{NOWHERE}"), 404),
        (api.post(f"/roles/{NOWHERE}/restoration"), 404),
        (api.get("/roles?q=a"), 400),
    ):
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.json
    assert people.row_counts() == before


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"permissions": []}, "name"),
        ({"name": " ", "permissions": []}, "name"),
        ({"name": "\u202e", "permissions": []}, "name"),
        ({"name": "Я" * 81, "permissions": []}, "name"),
        ({"name": "A"}, "permissions"),
        ({"name": "A", "permissions": "users.read"}, "permissions"),
        ({"name": "A", "permissions": ["users.fly"]}, "permissions.0"),
        ({"name": "A", "permissions": None}, "permissions"),
        ({"name": "A", "permissions": [], "built_in": True}, "built_in"),
    ],
)
def test_wrong_bodies_are_reported_by_field(api: Api, people: People, body: dict[str, Any], field: str) -> None:
    before = people.row_counts()
    answer = api.post("/roles", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert people.row_counts() == before


def test_permissions_and_scopes_are_checked(app: App, people: People, access: Access) -> None:
    role, group = access.role("Reception", "users.read"), access.group("North")
    administrator, scoped = access.person("Admin"), access.person("Scoped")
    access.grant(ADMINISTRATOR, user_id=administrator.id)
    access.grant(access.role("Everything", *Permission), user_id=scoped.id, scope_id=group)
    limited, _id = Tokens(app).create(people.owner(), "roles.grant")
    callers = [Api(app, people.token_for(administrator)), Api(app, people.token_for(scoped)), limited]
    before = people.row_counts()
    for caller in callers:
        assert caller.get("/roles").status_code == 200
        for answer in (
            caller.post("/roles", RECEPTION),
            caller.patch(f"/roles/{role}", {"name": "A"}),
            caller.delete(f"/roles/{role}"),
            caller.post(f"/roles/{role}/restoration"),
        ):
            assert answer.status_code == 403
    assert code_of(answer) == "missing_scope"
    assert people.row_counts() == before
    member = Api(app, people.token_for(access.person("Member")))
    assert member.get("/roles").status_code == member.get(f"/roles/{role}").status_code == 403


def test_a_token_gives_a_role_no_permission_that_it_lacks(app: App, people: People, access: Access) -> None:
    role = access.role("Reception", "roles.manage")
    limited, _id = Tokens(app).create(people.owner(), "roles.manage", "users.read")
    before = people.row_counts()
    assert limited.post("/roles", RECEPTION).status_code == 403
    assert limited.patch(f"/roles/{role}", {"permissions": ["users.delete"]}).status_code == 403
    assert (people.row_counts(), row(app, role).permissions) == (before, ["roles.manage"])


@pytest.mark.one_engine
def test_answers_are_as_described(api: Api) -> None:
    spec = api.get("/openapi.json").json
    created = api.post("/roles", spec_example(spec, "RoleIn"))
    address = f"/roles/{created.json['id']}"
    for method, path, answer in (
        ("post", ROLES, created),
        ("post", ROLES, api.post("/roles", spec_example(spec, "RoleIn"))),
        ("get", ROLES, api.get("/roles?limit=1")),
        ("get", ROLE, api.get(address)),
        ("patch", ROLE, api.patch(address, spec_example(spec, "RolePatch"))),
        ("patch", ROLE, api.patch(address, {}, headers={"If-Match": "old"})),
        ("delete", ROLE, api.delete(address)),
        ("post", f"{ROLE}/restoration", api.post(f"{address}/restoration")),
    ):
        check_described(spec, method, path, answer)
