"""Grants of roles to users and groups in the JSON API."""

from __future__ import annotations

from datetime import timedelta
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
from webapp.access.models import ADMINISTRATOR, AUDITOR, GROUP_OWNER, HELPDESK, OWNER, RoleGrant
from webapp.core.clock import now
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.users.schemas import UserOut
from webapp.web.api import App

NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"
USER_GRANTS, GROUP_GRANTS = "/api/v1/users/{user_id}/grants", "/api/v1/groups/{group_id}/grants"


@pytest.fixture
def north(access: Access) -> UUID:
    return access.group("North")


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna", email="anna@example.com")


def grants(app: App) -> list[RoleGrant]:
    with app.app_context():
        return list(db.session.scalars(select(RoleGrant).where(RoleGrant.role_id != OWNER)))


def roles(answer: Any) -> list[str]:
    return [grant["role"]["name"] for grant in answer.json["items"]]


def test_a_role_is_given_with_an_audit_record(app: App, api: Api, people: People, north: UUID, anna: UserOut) -> None:
    body = {"role": "helpdesk", "within": "North", "ends_at": "2099-03-31T18:00:00+03:00"}
    answer = api.post(f"/users/{anna.id}/grants", body)
    assert (answer.status_code, answer.json["role"]["name"]) == (201, "Helpdesk")
    assert (answer.json["within"], answer.json["ends_at"]) == (
        {"id": str(north), "name": "North"},
        "2099-03-31T15:00:00Z",
    )
    assert [(each.role_id, each.user_id, each.scope_id) for each in grants(app)] == [(HELPDESK, anna.id, north)]
    assert people.audit_trail(anna.id)[-1][0] == "role.granted"
    assert api.get(answer.headers["Location"].removeprefix("/api/v1")).json == answer.json


def test_the_owner_of_a_group_has_a_role_within_it(api: Api, access: Access, north: UUID, anna: UserOut) -> None:
    assert api.post(f"/users/{anna.id}/grants", {"role": str(GROUP_OWNER), "within": str(north)}).status_code == 201
    assert access.powers_of(anna.id).reach(Permission.GROUPS_MANAGE) == frozenset({north})
    assert roles(api.get(f"/groups/{north}/grants?relation=within")) == ["Group owner"]
    assert roles(api.get(f"/groups/{north}/grants")) == []


def test_the_roles_of_a_user_include_those_of_their_groups(
    app: App, api: Api, access: Access, north: UUID, anna: UserOut
) -> None:
    access.add_member(north, anna.id)
    access.grant(HELPDESK, group_id=north)
    access.grant(AUDITOR, user_id=anna.id, starts_at=now() + timedelta(days=2))
    # The first request with a token writes when it was used.
    api.get("/me")
    with captured_queries(app) as queries:
        listed = api.get(f"/users/{anna.id}/grants")
    # The token with its user and their powers, the user, their groups, the page, and the groups of the grants.
    assert len(queries) <= 5, queries
    assert roles(listed) == ["Helpdesk", "Auditor"]
    assert [grant["group"] for grant in listed.json["items"]] == [{"id": str(north), "name": "North"}, None]
    page = api.get(f"/users/{anna.id}/grants?limit=1")
    assert 'rel="next"' in page.headers["Link"]
    assert roles(api.get(f"/users/{anna.id}/grants?limit=1&after={page.json['next']}")) == ["Auditor"]


def test_a_role_is_removed_and_the_row_stays(app: App, api: Api, people: People, access: Access, anna: UserOut) -> None:
    address = f"/users/{anna.id}/grants/{access.grant(HELPDESK, user_id=anna.id)}"
    assert [api.delete(address).status_code for _time in range(2)] == [204, 204]
    assert (grants(app)[0].ends_at is not None, api.get(address).status_code) == (True, 200)
    assert [action for action, _changes in people.audit_trail(anna.id)].count("role.revoked") == 1
    assert roles(api.get(f"/users/{anna.id}/grants")) == []


def test_a_group_gets_and_loses_a_role(
    app: App, api: Api, people: People, access: Access, north: UUID, anna: UserOut
) -> None:
    access.add_member(north, anna.id)
    given = api.post(f"/groups/{north}/grants", {"role": "Helpdesk"})
    assert (given.status_code, given.json["user_id"], given.json["group"]["name"]) == (201, None, "North")
    assert roles(api.get(f"/groups/{north}/grants")) == ["Helpdesk"]
    assert access.powers_of(anna.id).can(Permission.USERS_RESET)
    assert api.delete(given.headers["Location"].removeprefix("/api/v1")).status_code == 204
    assert not access.powers_of(anna.id).can(Permission.USERS_RESET)
    assert [action for action, _changes in people.audit_trail(north)][-2:] == ["role.granted", "role.revoked"]


def test_one_key_gives_one_role(app: App, api: Api, anna: UserOut) -> None:
    key = {"Idempotency-Key": "a"}
    sent = [api.post(f"/users/{anna.id}/grants", {"role": "Helpdesk"}, headers=key) for _time in range(2)]
    assert (sent[0].json, sent[1].headers["Idempotency-Replayed"]) == (sent[1].json, "true")
    assert len(grants(app)) == 1


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "role"),
        ({"role": ""}, "role"),
        ({"role": " "}, "role"),
        ({"role": "Nobody"}, "role"),
        ({"role": NOWHERE}, "role"),
        ({"role": "\x00"}, "role"),
        ({"role": ["Helpdesk"]}, "role"),
        ({"role": "Helpdesk", "within": ""}, "within"),
        ({"role": "Helpdesk", "within": " "}, "within"),
        ({"role": "Helpdesk", "within": "\u202e"}, "within"),
        ({"role": "Helpdesk", "within": "Nowhere"}, "within"),
        ({"role": "Helpdesk", "scope_id": NOWHERE}, "scope_id"),
        ({"role": "Helpdesk", "ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"role": "Helpdesk", "ends_at": "tomorrow"}, "ends_at"),
        ({"role": "Owner", "within": "North"}, "role"),
    ],
)
def test_wrong_bodies_never_mean_everywhere(
    api: Api, people: People, north: UUID, anna: UserOut, body: dict[str, Any], field: str
) -> None:
    before = people.row_counts()
    answer = api.post(f"/users/{anna.id}/grants", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field), (north, answer.json)
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_other_refusals_leave_no_trace(api: Api, people: People, access: Access, north: UUID, anna: UserOut) -> None:
    grant, other = access.grant(HELPDESK, user_id=anna.id), people.create()
    of_group, owner = access.grant(AUDITOR, group_id=north), people.owner()
    own = api.get(f"/users/{owner.id}/grants").json["items"][0]["id"]
    before = people.row_counts()
    for answer, status in (
        (api.post(f"/users/{anna.id}/grants", {"role": "Helpdesk"}), 409),
        (api.post(f"/users/{NOWHERE}/grants", {"role": "Helpdesk"}), 404),
        (api.post(f"/groups/{NOWHERE}/grants", {"role": "Helpdesk"}), 404),
        (api.post(f"/groups/{north}/grants", {"role": "Owner"}), 422),
        (api.delete(f"/users/{other.id}/grants/{grant}"), 404),
        (api.delete(f"/users/{anna.id}/grants/{of_group}"), 404),
        (api.delete(f"/groups/{north}/grants/{grant}"), 404),
        (api.delete(f"/groups/{north}/grants/{NOWHERE}"), 404),
        # The last owner.
        (api.delete(f"/users/{owner.id}/grants/{own}"), 403),
        (api.get(f"/groups/{north}/grants?relation=all"), 400),
    ):
        assert answer.status_code == status, answer.json
    assert people.row_counts() == before


def test_nobody_gives_or_removes_what_they_lack(
    app: App, people: People, access: Access, north: UUID, anna: UserOut
) -> None:
    boris = people.create(name="Boris")
    access.add_member(north, boris.id)
    grant, outside = access.grant(AUDITOR, user_id=boris.id), access.grant(HELPDESK, user_id=anna.id)
    admin = access.person("Admin of North")
    access.grant(ADMINISTRATOR, user_id=admin.id, scope_id=north)
    api = Api(app, people.token_for(admin))
    before = people.row_counts()
    for answer, status in (
        (api.post(f"/users/{boris.id}/grants", {"role": "Helpdesk"}), 403),
        (api.post(f"/users/{boris.id}/grants", {"role": "Helpdesk", "within": "South"}), 422),
        (api.delete(f"/users/{boris.id}/grants/{grant}"), 403),
        (api.post(f"/users/{anna.id}/grants", {"role": "Helpdesk", "within": "North"}), 404),
        (api.delete(f"/users/{anna.id}/grants/{outside}"), 404),
        (api.get(f"/users/{anna.id}/grants"), 404),
    ):
        assert answer.status_code == status, answer.json
    assert people.row_counts() == before


def test_permissions_and_scopes_are_checked(
    app: App, people: People, access: Access, north: UUID, anna: UserOut
) -> None:
    grant, of_group = access.grant(AUDITOR, user_id=anna.id), access.grant(AUDITOR, group_id=north)
    helpdesk = access.person("Helpdesk")
    access.grant(HELPDESK, user_id=helpdesk.id)
    reader, _id = Tokens(app).create(people.owner(), "users.read")
    # This token could give only roles with these two permissions.
    granter, _id = Tokens(app).create(people.owner(), "users.read", "roles.grant")
    callers = [Api(app, people.token_for(helpdesk)), reader, granter]
    before = people.row_counts()
    for caller in callers:
        for path, grant_id in ((f"/users/{anna.id}", grant), (f"/groups/{north}", of_group)):
            assert caller.get(f"{path}/grants").status_code == 200
            assert caller.post(f"{path}/grants", {"role": "Helpdesk"}).status_code == 403
            assert caller.delete(f"{path}/grants/{grant_id}").status_code == 403
    assert code_of(reader.post(f"/users/{anna.id}/grants", {"role": "Helpdesk"})) == "missing_scope"
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_answers_are_as_described(api: Api, access: Access, anna: UserOut) -> None:
    spec = api.get("/openapi.json").json
    example = spec_example(spec, "GrantIn")
    group = access.group(example["within"])
    for template, address in ((USER_GRANTS, f"/users/{anna.id}/grants"), (GROUP_GRANTS, f"/groups/{group}/grants")):
        given = api.post(address, example)
        one = given.headers["Location"].removeprefix("/api/v1")
        for method, path, answer in (
            ("post", template, given),
            ("post", template, api.post(address, example)),
            ("get", template, api.get(address)),
            ("get", f"{template}/{{grant_id}}", api.get(one)),
            ("delete", f"{template}/{{grant_id}}", api.delete(one)),
            ("delete", f"{template}/{{grant_id}}", api.delete(f"{address}/{NOWHERE}")),
        ):
            check_described(spec, method, path, answer)
