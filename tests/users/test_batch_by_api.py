"""POST /users/batch: many changes of users in one request."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR
from webapp.core.permissions import Permission
from webapp.users.batch_schemas import OPERATIONS_MAX, PASSWORDS_MAX
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA = {"email": "anna@example.com", "name": "Anna"}
BORIS = {"email": "boris@example.com", "name": "Boris", "invite": False}


def create(body: Any) -> dict[str, Any]:
    return {"method": "POST", "path": "/users", "body": body}


def send(api: Api, *operations: dict[str, Any], atomic: bool = False, **options: Any) -> TestResponse:
    return api.post("/users/batch", {"operations": list(operations), "atomic": atomic}, **options)


def statuses(response: TestResponse) -> list[int]:
    return [item["status"] for item in response.json["items"]]


def test_creates_changes_and_deletes(api: Api, people: People) -> None:
    old = people.create()
    response = send(
        api,
        create(ANNA),
        create(BORIS | {"roles": ["Helpdesk"]}),
        {"method": "PATCH", "path": f"/users/{old.id}", "body": {"name": "New name"}},
        {"method": "POST", "path": f"/users/{old.id}/deactivation"},
        {"method": "DELETE", "path": f"/users/{old.id}"},
    )
    assert (response.status_code, statuses(response)) == (200, [201, 201, 200, 200, 204])
    anna, boris, renamed, *_rest, deleted = response.json["items"]
    assert anna["headers"]["Location"] == f"/api/v1/users/{anna['body']['id']}"
    assert anna["body"] == api.get(f"/users/{anna['body']['id']}").json
    assert (boris["body"]["roles"], renamed["body"]["name"]) == (["Helpdesk"], "New name")
    assert (deleted["body"], deleted["problem"]) == (None, None)
    assert people.row(id=old.id)["status"] == "deleted"


def test_it_does_the_same_as_single_requests(api: Api, people: People) -> None:
    before = people.row_counts()
    single = [api.post("/users", {"email": f"s{n}@example.com", "name": "S"}) for n in range(3)]
    between = people.row_counts()
    response = send(api, *(create({"email": f"b{n}@example.com", "name": "S"}) for n in range(3)))
    after = people.row_counts()
    # Each transaction chooses one of the heads of the audit trail.
    tables = after.keys() - {"audit_heads"}
    assert {name: after[name] - between[name] for name in tables} == {
        name: between[name] - before[name] for name in tables
    }
    for one, other in zip(single, response.json["items"], strict=True):
        trails = [people.audit_trail(UUID(body["id"])) for body in (one.json, other["body"])]
        assert [action for action, _changes in trails[0]] == [action for action, _changes in trails[1]]
        assert one.json.keys() == other["body"].keys()


@pytest.mark.both_engines
def test_best_effort_does_what_it_can(api: Api, people: People) -> None:
    people.create(email="taken@example.com")
    wrong = [
        create(ANNA | {"email": "taken@example.com"}),
        create({"email": "no name"}),
        create(ANNA | {"nonsense": 1}),
        {"method": "POST", "path": "/users/nobody"},
        {"method": "PATCH", "path": "/users", "body": {}},
        {"method": "POST", "path": "/users/batch", "body": {}},
        {"method": "DELETE", "path": f"/users/{people.owner().id}", "body": {"x": 1}},
    ]
    before = people.row_counts()["users"]
    response = send(api, create(ANNA), *wrong, create(BORIS))
    assert response.status_code == 207
    assert statuses(response) == [201, 409, 422, 422, 404, 405, 400, 400, 201]
    assert people.row_counts()["users"] == before + 2
    codes = [item["problem"]["errors"][0]["code"] for item in response.json["items"][1:-1]]
    assert codes[0] == "taken"
    assert (codes[3], codes[4], codes[5]) == ("not_found", "method_not_allowed", "not_in_batch")


@pytest.mark.parametrize("bad", [create(ANNA), create({}), {"method": "DELETE", "path": "/users/1"}])
def test_an_atomic_batch_does_all_or_nothing(api: Api, people: People, bad: dict[str, Any]) -> None:
    before = people.row_counts()
    response = send(api, create(ANNA), create(BORIS), bad, atomic=True, headers={"Idempotency-Key": "k"})
    assert response.status_code == 207
    assert [status == 424 for status in statuses(response)] == [True, True, False]
    assert people.row_counts() == before
    assert send(api, create(ANNA), create(BORIS), atomic=True).status_code == 200


def test_scopes_and_permissions_are_those_of_single_requests(access: Access, people: People, app: App) -> None:
    token = people.token_for(access.person("Auditor", roles=[AUDITOR]))
    before = people.row_counts()
    response = send(Api(app, token), create(ANNA), create(BORIS))
    assert (response.status_code, statuses(response)) == (207, [403, 403])
    assert people.row_counts() == before
    assert send(Api(app, "rc_wrong"), create(ANNA)).status_code == 401


def test_someone_who_may_create_in_a_group_only(access: Access, people: People, app: App) -> None:
    north = access.group("North")
    actor = access.person("Actor")
    role = access.role("Creator", Permission.USERS_READ, Permission.USERS_CREATE)
    access.grant(role, user_id=actor.id, scope_id=north)
    response = send(Api(app, people.token_for(actor)), create(ANNA), create(BORIS))
    assert [item["body"]["groups"] for item in response.json["items"]] == [["North"], ["North"]]


def test_a_repeated_batch_gets_the_first_answer(api: Api, people: People) -> None:
    key = {"Idempotency-Key": "batch-1"}
    first = send(api, create(ANNA), create(BORIS), headers=key)
    second = send(api, create(ANNA), create(BORIS), headers=key)
    assert (first.json, second.headers["Idempotency-Replayed"]) == (second.json, "true")
    assert send(api, create(ANNA), headers=key).status_code == 422
    assert people.count() == 3


@pytest.mark.both_engines
def test_if_match_of_one_operation(api: Api, people: People) -> None:
    old = people.create()
    path, etag = f"/users/{old.id}", api.get(f"/users/{old.id}").headers["ETag"]
    change = {"method": "PATCH", "path": path, "body": {"name": "Once"}, "headers": {"If-Match": etag}}
    assert statuses(send(api, change, change | {"body": {"name": "Twice"}})) == [200, 412]
    assert people.row(id=old.id)["name"] == "Once"


def test_passwords_work_and_are_bounded(api: Api, people: People) -> None:
    with_password = [create({**ANNA, "email": f"p{n}@example.com", "password": people.password}) for n in range(2)]
    assert statuses(send(api, *with_password)) == [201, 201]
    hashes = {people.row(email=f"p{n}@example.com")["password_hash"] for n in range(2)}
    assert len(hashes) == 2
    before = people.row_counts()
    assert send(api, *with_password * PASSWORDS_MAX).status_code == 422
    assert people.row_counts() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operations": []},
        {"operations": [create(ANNA)] * (OPERATIONS_MAX + 1)},
        {"operations": [{"method": "GET", "path": "/users"}]},
        {"operations": [{"method": "POST", "path": "/roles"}]},
        {"operations": [{"method": "POST", "path": "/users", "headers": {"Authorization": "x"}}]},
        {"operations": [create([])]},
        {"operations": [create(ANNA)], "atomic": "perhaps"},
    ],
)
def test_a_wrong_batch_is_422(api: Api, people: People, body: Any) -> None:
    before = people.row_counts()
    assert api.post("/users/batch", body).status_code == 422
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_the_number_of_statements_does_not_grow_with_the_operations(app: App, api: Api) -> None:
    def count(first: int, size: int) -> int:
        bodies = [{"email": f"n{n}@example.com", "name": "N", "invite": False} for n in range(first, first + size)]
        with captured_queries(app) as queries:
            assert send(api, *map(create, bodies)).status_code == 200
        # A head of the audit trail that is used for the first time takes two statements more.
        return len([query for query in queries if "audit_heads" not in query])

    count(0, 1)
    assert count(10, 90) == count(100, 10)
