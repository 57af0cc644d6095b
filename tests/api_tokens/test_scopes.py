"""A token can do what its owner can do and its scopes contain, everywhere and within groups."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.api_tokens.tokens import Tokens, code_of
from tests.factories import TESTER, People
from webapp.access.services import end_grant
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_a_token_can_do_what_its_scopes_contain(tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner(), "users.read", "users.create")
    assert api.get("/users").status_code == 200
    assert api.post("/users", {"email": "new@example.com", "name": "New", "invite": False}).status_code == 201


def test_a_missing_scope_is_403_and_names_the_permission(tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner(), "users.read")
    before = people.row_counts()
    response = api.post("/users", {"email": "new@example.com", "name": "New"})
    assert (response.status_code, code_of(response)) == (403, "missing_scope")
    assert "users.create" in response.json["detail"]
    assert people.row_counts() == before


def test_scopes_give_nothing_that_the_owner_lacks(app: App, tokens: Tokens, people: People, access: Access) -> None:
    anna = people.create(name="Anna", password=people.password)
    grant = access.grant(access.role("Creator", "users.read", "users.create"), user_id=anna.id)
    api, _id = tokens.create(anna, "users.read", "users.create")
    assert api.get("/users").status_code == 200
    with app.app_context():
        end_grant(grant, by=TESTER)
    refused = api.get("/users")
    assert (refused.status_code, code_of(refused)) == (403, "forbidden")


def test_scopes_limit_permissions_within_groups(tokens: Tokens, people: People, access: Access) -> None:
    anna, boris, north = people.create(password=people.password), people.create(name="Boris"), access.group("North")
    access.add_member(north, boris.id)
    access.grant(access.role("Manager", "users.read", "users.deactivate"), user_id=anna.id, scope_id=north)
    reader, _id = tokens.create(anna, "users.read")
    both, _id = tokens.create(anna, "users.read", "users.deactivate")
    assert reader.get(f"/users/{boris.id}").status_code == 200
    assert code_of(reader.post(f"/users/{boris.id}/deactivation")) == "missing_scope"
    assert both.post(f"/users/{boris.id}/deactivation").status_code == 200


@pytest.mark.both_engines
def test_a_limited_token_cannot_act_on_people_who_have_more_permissions(tokens: Tokens, people: People) -> None:
    """Not even on its owner: a new password would give it everything that the owner can do."""
    owner = people.owner()
    api, _id = tokens.create(owner, "users.read", "users.edit", "users.reset")
    before = people.row(id=owner.id)
    assert api.patch(f"/users/{owner.id}", {"name": "Taken over"}).status_code == 403
    assert people.row(id=owner.id) == before


def test_the_services_check_scopes_too(tokens: Tokens, people: People, access: Access) -> None:
    role = access.role("Auditors", "audit.read")
    api, _id = tokens.create(people.owner(), "users.read", "users.create", "roles.grant")
    before = people.row_counts()
    body = {"email": "new@example.com", "name": "New", "invite": False, "roles": [str(role)]}
    assert api.post("/users", body).status_code == 403
    assert people.row_counts() == before
