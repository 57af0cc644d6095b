"""Programs read what a user can do, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.access_factory import Access
from tests.api_description import check_described
from tests.clients import Api
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import HELPDESK
from webapp.core.clock import now
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

PATH = "/api/v1/users/{user_id}/access"


def permissions(body: Any) -> dict[tuple[str, str | None], list[str]]:
    return {
        (each["permission"], each["within"] and each["within"]["name"]): each["given_by"]
        for each in body["permissions"]
    }


def test_each_permission_names_its_grants(api: Api, access: Access) -> None:
    anna, north, desk = access.person("Anna"), access.group("North"), access.group("Desk")
    reader = access.role("Reader", "users.read")
    own = access.grant(reader, user_id=anna.id)
    within = access.grant(HELPDESK, user_id=anna.id, scope_id=north)
    through = access.grant(reader, group_id=desk)
    access.add_member(desk, anna.id)
    body = api.get(f"/users/{anna.id}/access").json
    found = permissions(body)
    assert sorted(found["users.read", None]) == sorted([str(own), str(through)])
    assert found["users.reset", "North"] == [str(within)]
    assert ("users.reset", None) not in found
    assert [each["group"]["name"] for each in body["memberships"]] == ["Desk"]
    assert {each["id"] for each in body["grants"]} == {str(own), str(within), str(through)}


def test_a_role_that_has_not_started_gives_nothing_yet(api: Api, access: Access) -> None:
    anna = access.person("Anna")
    access.grant(HELPDESK, user_id=anna.id, starts_at=now() + timedelta(days=1))
    body = api.get(f"/users/{anna.id}/access").json
    assert (body["permissions"], len(body["grants"])) == ([], 1)


def test_people_outside_the_reach_are_not_found(app: App, api: Api, people: People, access: Access) -> None:
    boris = access.person("Boris")
    access.grant(HELPDESK, user_id=boris.id, scope_id=access.group("North"))
    scoped = Api(app, people.token_for(boris))
    assert scoped.get(f"/users/{people.create().id}/access").status_code == 404
    assert api.get(f"/users/{uuid4()}/access").status_code == 404
    member = Api(app, people.token_for(access.person("Member")))
    assert member.get(f"/users/{boris.id}/access").status_code == 403


@pytest.mark.both_engines
def test_it_takes_as_many_statements_for_one_grant_as_for_many(app: App, api: Api, access: Access) -> None:
    anna, counts = access.person("Anna"), []
    for name in ("A", "B", "C"):
        access.grant(HELPDESK, user_id=anna.id, scope_id=access.group(name))
        api.get(f"/users/{anna.id}/access")
        with captured_queries(app) as seen:
            api.get(f"/users/{anna.id}/access")
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_the_answer_is_as_described(api: Api, people: People) -> None:
    answer = api.get(f"/users/{people.owner().id}/access")
    check_described(api.get("/openapi.json").json, "get", PATH, answer)
