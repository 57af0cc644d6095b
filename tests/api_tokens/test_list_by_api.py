"""Programs list their owner's tokens and, with a permission, those of others. They ask who they are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access_factory import Access
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.api_tokens.services import revoke_token
from webapp.web.api import App


def names(response: Any) -> list[str]:
    return [token["name"] for token in response.json["items"]]


def test_me_says_who_the_caller_is_and_what_the_token_may_do(tokens: Tokens, people: People, access: Access) -> None:
    anna, north = people.create(name="Anna", password=people.password), access.group("North")
    access.grant(access.role("Reader", "users.read", "users.edit"), user_id=anna.id)
    access.grant(access.role("Manager", "users.edit", "users.create"), user_id=anna.id, scope_id=north)
    api, token_id = tokens.create(anna, "users.read", "users.create")
    me = api.get("/me").json
    assert (me["id"], me["token"]["id"], me["token"]["scopes"]) == (
        str(anna.id),
        str(token_id),
        ["users.read", "users.create"],
    )
    assert me["permissions"] == {"everywhere": ["users.read"], "groups": {str(north): ["users.create"]}}
    assert "rc_" not in str(me).replace(me["token"]["prefix"], "")


def test_the_list_has_ones_own_active_tokens_newest_first(app: App, tokens: Tokens, people: People) -> None:
    anna = people.create(password=people.password)
    tokens.create(people.create(), name="Of somebody else")
    _api, revoked = tokens.create(anna, name="Revoked")
    with app.app_context():
        revoke_token(revoked, by=TESTER)
    api, _id = tokens.create(anna, name="First")
    tokens.create(anna, name="Second")
    assert names(api.get("/tokens")) == ["Second", "First"]
    assert names(api.get("/tokens?state=revoked")) == ["Revoked"]
    assert names(api.get("/tokens?state=all&sort=created")) == ["Revoked", "First", "Second"]


def test_pages_are_linked_by_cursors(tokens: Tokens, people: People) -> None:
    for number in range(5):
        api, _id = tokens.create(people.owner(), name=f"Token {number}", days=10 - number)
    first = api.get("/tokens?limit=2&sort=expires")
    assert names(first) == ["Token 4", "Token 3"]
    second = api.get(f"/tokens?limit=2&sort=expires&after={first.json['next']}")
    assert names(second) == ["Token 2", "Token 1"]
    assert 'rel="next"' in second.headers["Link"]
    assert second.json["count"] == {"value": 5, "exact": True}


def test_a_leaked_token_is_found_by_its_first_characters(tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner(), name="Mine")
    leaked, _id = tokens.create(people.create(password=people.password), name="Leaked")
    secret = leaked.headers["Authorization"].removeprefix("Bearer ")
    assert names(api.get(f"/tokens?prefix={secret}")) == names(api.get(f"/tokens?prefix={secret[:9]}")) == ["Leaked"]
    assert names(api.get("/tokens?prefix=rc_nothing")) == []


def test_token_managers_see_tokens_of_people_within_their_reach(tokens: Tokens, people: People, access: Access) -> None:
    anna, boris, north = people.create(password=people.password), people.create(name="Boris"), access.group("North")
    access.add_member(north, boris.id)
    access.grant(access.role("Reader", "users.read"), user_id=anna.id)
    access.grant(access.role("Manager", "tokens.manage"), user_id=anna.id, scope_id=north)
    _theirs, token_id = tokens.create(boris, name="Of Boris")
    _owners, hidden = tokens.create(people.owner(), name="Of the owner")
    api, _id = tokens.create(anna, name="Own")
    assert names(api.get("/tokens")) == ["Of Boris"]
    assert names(api.get(f"/tokens?owner={anna.email}")) == ["Own"]
    assert (api.get(f"/tokens/{token_id}").status_code, api.get(f"/tokens/{hidden}").status_code) == (200, 404)


def test_a_token_without_the_scope_lists_only_tokens_of_its_owner(tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner(), "users.read", name="Mine")
    anna = people.create(name="Anna")
    tokens.create(anna, name="Of Anna")
    assert names(api.get("/tokens")) == ["Mine"]
    assert api.get(f"/tokens?owner={anna.id}").status_code == 403


@pytest.mark.parametrize(
    "query",
    ["state=x", "sort=name", "prefix=%00", "prefix=ключ", "after=x", "limit=0", "nothing=1", "state=all&state=all"],
)
def test_bad_parameters_are_400(api: Api, query: str) -> None:
    assert api.get(f"/tokens?{query}").status_code == 400


def test_an_unknown_owner_is_404(api: Api) -> None:
    assert api.get("/tokens?owner=nobody@example.com").status_code == 404


def test_a_list_takes_as_many_statements_for_one_token_as_for_thirty(app: App, tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner())
    api.get("/me")
    counts = []
    for more in (0, 29):
        for _number in range(more):
            tokens.create(people.create())
        with captured_queries(app) as seen:
            assert len(api.get("/tokens").json["items"]) == 1 + more
        counts.append(len(seen))
    # The token with its owner and their permissions, and the list with its count.
    assert counts == [2, 2]


def test_codes_are_stable(api: Api) -> None:
    assert code_of(api.get("/tokens?nothing=1")) == "unknown"
