"""Members of groups in the JSON API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import GROUP_OWNER, HELPDESK, Membership
from webapp.core.clock import now
from webapp.db.session import db
from webapp.users.schemas import UserOut
from webapp.web.api import App

MEMBERS = "/api/v1/groups/{group_id}/members"
MEMBER = f"{MEMBERS}/{{user_id}}"
NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


@pytest.fixture
def north(access: Access) -> UUID:
    return access.group("North")


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna", email="anna@example.com")


def memberships(app: App) -> list[Membership]:
    with app.app_context():
        return list(db.session.scalars(select(Membership)))


def names(answer: Any) -> list[str]:
    return [member["user"]["name"] for member in answer.json["items"]]


def test_a_member_is_added_with_an_audit_record(app: App, api: Api, people: People, north: UUID, anna: UserOut) -> None:
    answer = api.post(f"/groups/{north}/members", {"user": "anna@example.com", "ends_at": "2099-03-31T18:00:00+03:00"})
    assert (answer.status_code, answer.json["ends_at"]) == (201, "2099-03-31T15:00:00Z")
    assert answer.json["user"] == {"id": str(anna.id), "email": anna.email, "name": "Anna", "status": "invited"}
    assert [(each.group_id, each.user_id) for each in memberships(app)] == [(north, anna.id)]
    assert people.audit_trail(anna.id)[-1][0] == "member.added"
    assert api.get(answer.headers["Location"].removeprefix("/api/v1")).json == answer.json


def test_members_are_listed_by_name_in_pages(app: App, api: Api, people: People, access: Access, north: UUID) -> None:
    for name in ("Boris", "Anna", "Вера"):
        access.add_member(north, people.create(name=name).id)
    access.add_member(north, people.create(name="Later").id, starts_at=now() + timedelta(days=2))
    # The first request with a token writes when it was used.
    api.get("/me")
    with captured_queries(app) as queries:
        page = api.get(f"/groups/{north}/members?limit=2")
    # The token with its user and their powers, the group, the page, and its memberships.
    assert len(queries) <= 4, queries
    assert (names(page), page.json["count"]["value"]) == (["Anna", "Boris"], 3)
    assert names(api.get(f"/groups/{north}/members?limit=2&after={page.json['next']}")) == ["Вера"]
    assert names(api.get(f"/groups/{north}/members?state=future")) == ["Later"]


def test_a_member_is_removed_and_the_row_stays(
    app: App, api: Api, people: People, access: Access, north: UUID, anna: UserOut
) -> None:
    access.add_member(north, anna.id)
    assert api.delete(f"/groups/{north}/members/{anna.id}").status_code == 204
    assert memberships(app)[0].ends_at is not None
    assert people.audit_trail(anna.id)[-1][0] == "member.removed"
    assert api.get(f"/groups/{north}/members").json["items"] == []
    assert api.delete(f"/groups/{north}/members/{anna.id}").status_code == 404
    assert api.post(f"/groups/{north}/members", {"user": str(anna.id)}).status_code == 201


def test_a_future_member_is_shown_and_removed(app: App, api: Api, access: Access, north: UUID, anna: UserOut) -> None:
    access.add_member(north, anna.id, starts_at=now() + timedelta(days=2))
    assert api.get(f"/groups/{north}/members/{anna.id}").status_code == 200
    assert api.delete(f"/groups/{north}/members/{anna.id}").status_code == 204
    with time_machine.travel(now() + timedelta(days=3)):
        assert api.get(f"/groups/{north}/members").json["items"] == []


def test_one_key_adds_one_member(app: App, api: Api, north: UUID, anna: UserOut) -> None:
    body, key = {"user": str(anna.id)}, {"Idempotency-Key": "a"}
    sent = [api.post(f"/groups/{north}/members", body, headers=key) for _time in range(2)]
    assert (sent[0].json, sent[1].headers["Idempotency-Replayed"]) == (sent[1].json, "true")
    assert len(memberships(app)) == 1


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"user": ""}, 422),
        ({"user": " "}, 404),
        ({"user": "nobody@example.com"}, 404),
        ({"user": "\x00"}, 404),
        ({"user": 7}, 422),
        ({"user": "Я" * 201}, 422),
        ({"user": "anna@example.com", "role": "Owner"}, 422),
        ({"user": "anna@example.com", "ends_at": "2020-01-01T00:00:00Z"}, 422),
        ({"user": "anna@example.com", "ends_at": "2099-01-01"}, 422),
        ({"user": "anna@example.com", "starts_at": 1}, 422),
        ({"user": "anna@example.com", "starts_at": "2099-01-02T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}, 422),
    ],
)
def test_wrong_bodies_leave_no_trace(
    api: Api, people: People, north: UUID, anna: UserOut, body: dict[str, Any], status: int
) -> None:
    before = people.row_counts()
    assert api.post(f"/groups/{north}/members", body).status_code == status
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_other_refusals_leave_no_trace(api: Api, people: People, access: Access, north: UUID, anna: UserOut) -> None:
    access.add_member(north, anna.id)
    before = people.row_counts()
    for answer, status in (
        (api.post(f"/groups/{north}/members", {"user": "anna@example.com"}), 409),
        (api.post(f"/groups/{NOWHERE}/members", {"user": "anna@example.com"}), 404),
        (api.delete(f"/groups/{NOWHERE}/members/{anna.id}"), 404),
        (api.delete(f"/groups/{north}/members/{NOWHERE}"), 404),
        (api.get(f"/groups/{north}/members?state=all"), 400),
        (api.get(f"/groups/{north}/members?q=anna"), 400),
    ):
        assert answer.status_code == status
    assert people.row_counts() == before


def test_staff_of_one_group_manage_only_its_members(
    app: App, people: People, access: Access, north: UUID, anna: UserOut
) -> None:
    south, boris = access.group("South"), people.create(name="Boris")
    access.add_member(south, boris.id)
    access.add_member(north, anna.id)
    manager = access.person("Manager")
    access.grant(GROUP_OWNER, user_id=manager.id, scope_id=north)
    api = Api(app, people.token_for(manager))
    before = people.row_counts()
    assert api.get(f"/groups/{south}/members").status_code == 404
    assert api.post(f"/groups/{north}/members", {"user": str(boris.id)}).status_code == 404
    assert api.post(f"/groups/{south}/members", {"user": str(anna.id)}).status_code == 404
    assert api.delete(f"/groups/{south}/members/{boris.id}").status_code == 404
    assert people.row_counts() == before
    assert names(api.get(f"/groups/{north}/members")) == ["Anna"]
    assert api.delete(f"/groups/{north}/members/{anna.id}").status_code == 204


def test_permissions_and_scopes_are_checked(
    app: App, people: People, access: Access, north: UUID, anna: UserOut
) -> None:
    access.add_member(north, people.create(name="Boris").id)
    helpdesk = access.person("Helpdesk")
    access.grant(HELPDESK, user_id=helpdesk.id)
    limited, _id = Tokens(app).create(people.owner(), "users.read")
    callers = (Api(app, people.token_for(helpdesk)), limited)
    before = people.row_counts()
    for caller in callers:
        added = caller.post(f"/groups/{north}/members", {"user": str(anna.id)})
        removed = caller.delete(f"/groups/{north}/members/{anna.id}")
        assert (added.status_code, removed.status_code) == (403, 403)
    assert code_of(added) == code_of(removed) == "missing_scope"
    assert people.row_counts() == before


def test_a_token_adds_nobody_to_a_group_whose_roles_it_lacks(
    app: App, people: People, access: Access, north: UUID, anna: UserOut
) -> None:
    access.grant(HELPDESK, group_id=north)
    limited, _id = Tokens(app).create(people.owner(), "users.read", "groups.manage")
    before = people.row_counts()
    assert limited.post(f"/groups/{north}/members", {"user": str(anna.id)}).status_code == 403
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_answers_are_as_described(api: Api, people: People, north: UUID) -> None:
    spec = api.get("/openapi.json").json
    example = spec_example(spec, "MemberIn")
    anton = people.create(email=example["user"])
    address = f"/groups/{north}/members"
    for method, path, answer in (
        ("post", MEMBERS, api.post(address, example)),
        ("post", MEMBERS, api.post(address, example)),
        ("get", MEMBERS, api.get(address)),
        ("get", MEMBER, api.get(f"{address}/{anton.id}")),
        ("delete", MEMBER, api.delete(f"{address}/{anton.id}")),
        ("delete", MEMBER, api.delete(f"{address}/{anton.id}")),
    ):
        check_described(spec, method, path, answer)
