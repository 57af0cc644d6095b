"""PATCH, DELETE, deactivation and restoration of /api/v1/users/<id>."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import Api
from tests.factories import People
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

UNKNOWN_ID = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон", email="anton@example.com", username="anton", password=people.password)


def test_patch_changes_only_the_sent_fields(api: Api, people: People, anton: UserOut) -> None:
    response = api.patch(f"/users/{anton.id}", {"name": "Антон Петров", "locale": "ru"})
    assert (response.status_code, response.json["name"], response.json["username"]) == (200, "Антон Петров", "anton")
    assert (response.json["version"], response.headers["ETag"][:3]) == (2, 'W/"')
    row = people.row(id=anton.id)
    assert (row["name"], row["email"], row["locale"]) == ("Антон Петров", "anton@example.com", "ru")
    assert people.audit_trail(anton.id)[-1][1] == {"name": ["Антон", "Антон Петров"], "locale": [None, "ru"]}


def test_null_empties_a_field(api: Api, anton: UserOut) -> None:
    ends = "2027-03-31T18:00:00.5+03:00"
    assert api.patch(f"/users/{anton.id}", {"ends_at": ends}).json["ends_at"] == "2027-03-31T15:00:00Z"
    changed = api.patch(f"/users/{anton.id}", {"ends_at": None, "username": None}).json
    assert (changed["ends_at"], changed["username"]) == (None, None)


def test_the_media_type_of_merge_patch_is_accepted(api: Api, anton: UserOut) -> None:
    response = api.client.patch(
        f"/api/v1/users/{anton.id}",
        data='{"name": "A"}',
        content_type="application/merge-patch+json",
        headers=api.headers,
    )
    assert (response.status_code, response.json["name"]) == (200, "A")


def test_an_empty_patch_changes_nothing(api: Api, people: People, anton: UserOut) -> None:
    before = people.row_counts()
    response = api.patch(f"/users/{anton.id}", {})
    assert (response.status_code, response.json["version"]) == (200, 1)
    assert people.row_counts() == before


def test_if_match_accepts_the_current_version_and_refuses_others(api: Api, people: People, anton: UserOut) -> None:
    etag = api.get(f"/users/{anton.id}").headers["ETag"]
    address = f"/users/{anton.id}"
    assert api.patch(address, {"name": "First"}, headers={"If-Match": etag}).status_code == 200
    before = people.row_counts()
    for verb in (api.patch(address, {"name": "Second"}, headers={"If-Match": etag}),
                 api.patch(address, {"name": "Second"}, headers={"If-Match": "damaged"}),
                 api.delete(address, headers={"If-Match": etag})):  # fmt: skip
        assert (verb.status_code, verb.content_type) == (412, "application/problem+json")
    assert people.row_counts() == before
    assert people.row(id=anton.id)["name"] == "First"
    current = api.get(address).headers["ETag"]
    assert api.patch(address, {"name": "Second"}, headers={"If-Match": f'W/"1", {current}'}).status_code == 200
    strong = api.get(address).headers["ETag"].removeprefix("W/")
    for number, wanted in enumerate((strong, None, "*")):
        headers = {"If-Match": wanted} if wanted else {}
        assert api.patch(address, {"name": f"Name {number}"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("patch", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": None}, 422, "name"),
        ({"email": None}, 422, "email"),
        ({"email": "nope"}, 422, "email"),
        ({"password": None}, 422, "password"),
        ({"password": "short"}, 422, "password"),
        ({"is_admin": True}, 422, "is_admin"),
        ({"timezone": "Moon/Base"}, 422, "timezone"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, 422, "ends_at"),
        ({"ends_at": "2027-01-01T00:00:00"}, 422, "ends_at"),
        ({"starts_at": "2027-01-02T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}, 422, "ends_at"),
        ({"email": "olga@example.com"}, 409, "email"),
    ],
)
def test_invalid_values_are_reported_by_field(
    api: Api, people: People, anton: UserOut, patch: dict[str, Any], status: int, field: str
) -> None:
    before = people.row_counts()
    response = api.patch(f"/users/{anton.id}", patch)
    assert (response.status_code, response.json["errors"][0]["field"]) == (status, field)
    assert people.row_counts() == before


def test_deactivation_and_reactivation_are_idempotent(api: Api, people: People, anton: UserOut) -> None:
    address = f"/users/{anton.id}/deactivation"
    assert [api.post(address).json["status"] for _time in range(2)] == ["deactivated"] * 2
    assert [api.delete(address).json["status"] for _time in range(2)] == ["active"] * 2
    assert [action for action, _ in people.audit_trail(anton.id)] == [
        "user.created",
        "user.deactivated",
        "user.reactivated",
    ]


def test_a_repeated_idempotency_key_replays_the_response(api: Api, people: People, anton: UserOut) -> None:
    key = {"Idempotency-Key": "one"}
    first = api.post(f"/users/{anton.id}/deactivation", headers=key)
    api.delete(f"/users/{anton.id}/deactivation")
    again = api.post(f"/users/{anton.id}/deactivation", headers=key)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    assert people.row(id=anton.id)["status"] == "active"


def test_a_deleted_user_is_in_the_bin_and_can_be_restored(api: Api, people: People, anton: UserOut) -> None:
    for _time in range(2):
        response = api.delete(f"/users/{anton.id}")
        assert (response.status_code, response.data) == (204, b"")
    assert api.get(f"/users/{anton.id}").json["status"] == "deleted"
    assert [user["id"] for user in api.get("/users?status=deleted").json["items"]] == [str(anton.id)]
    assert api.patch(f"/users/{anton.id}", {"name": "A"}).status_code == 409
    response = api.post(f"/users/{anton.id}/restoration")
    assert (response.status_code, response.json["status"]) == (200, "active")


@pytest.mark.both_engines
def test_a_restoration_with_a_taken_address_accepts_another_one(api: Api, people: People, anton: UserOut) -> None:
    api.delete(f"/users/{anton.id}")
    people.create(email="anton@example.com")
    response = api.post(f"/users/{anton.id}/restoration", {})
    assert (response.status_code, response.json["errors"][0]["field"]) == (409, "email")
    restored = api.post(f"/users/{anton.id}/restoration", {"email": "ivanov@example.com"}).json
    assert (restored["email"], restored["username"]) == ("ivanov@example.com", "anton")


def test_an_unknown_user_is_404(api: Api) -> None:
    for response in (
        api.patch(f"/users/{UNKNOWN_ID}", {"name": "A"}),
        api.patch(f"/users/{UNKNOWN_ID}", {"name": "A"}, headers={"If-Match": 'W/"1"'}),
        api.delete(f"/users/{UNKNOWN_ID}"),
        api.post(f"/users/{UNKNOWN_ID}/deactivation"),
        api.delete(f"/users/{UNKNOWN_ID}/deactivation"),
        api.post(f"/users/{UNKNOWN_ID}/restoration"),
    ):
        assert (response.status_code, response.content_type) == (404, "application/problem+json")


def test_people_cannot_delete_or_deactivate_themselves(api: Api, people: People) -> None:
    own_id = people.owner().id
    before = people.row_counts()
    assert api.delete(f"/users/{own_id}").status_code == 403
    assert api.post(f"/users/{own_id}/deactivation").status_code == 403
    assert people.row_counts() == before


def test_a_member_is_refused(app: App, people: People, anton: UserOut) -> None:
    member = Api(app, people.token_for(people.create(password=people.password)))
    for response in (
        member.patch(f"/users/{anton.id}", {"name": "A"}),
        member.delete(f"/users/{anton.id}"),
        member.post(f"/users/{anton.id}/deactivation"),
        member.post(f"/users/{anton.id}/restoration"),
    ):
        assert response.status_code == 403
    assert people.row(id=anton.id)["version"] == 1
