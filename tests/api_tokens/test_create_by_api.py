"""Tokens are created by the API, and never can do more than the token that creates them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.access_factory import Access
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import People
from webapp.core.clock import now
from webapp.db.session import db
from webapp.web.api import App
from webapp.web.idempotency import IdempotencyKey

pytestmark = pytest.mark.one_engine


def test_the_answer_has_the_token_and_it_works(app: App, api: Api, people: People) -> None:
    body = {"name": "HR sync", "scopes": ["users.read"], "days": 30, "addresses": ["127.0.0.1"]}
    response = api.post("/tokens", body)
    assert response.status_code == 201
    token = response.json
    assert (token["scopes"], token["addresses"], token["state"]) == (["users.read"], ["127.0.0.1/32"], "active")
    assert token["token"].startswith(token["prefix"])
    assert Api(app, token["token"]).get("/users").status_code == 200
    assert api.get(response.headers["Location"].removeprefix("/api/v1")).json["id"] == token["id"]
    action, changes = people.audit_trail(people.owner().id)[-1]
    assert (action, changes["token_scopes"]) == ("token.created", [None, ["users.read"]])


def test_a_repeated_request_gets_the_same_token_and_none_is_stored(app: App, api: Api, people: People) -> None:
    first, second = (api.post("/tokens", {"name": "x"}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json == second.json
    assert people.row_counts()["api_tokens"] == 2
    with app.app_context():
        assert first.json["token"] not in str(db.session.scalars(select(IdempotencyKey.body)).all())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x", "scopes": ["users.create"]}, "not_held"),
        ({"name": "x", "days": 60}, "later_than_token"),
        ({"name": "x", "addresses": ["0.0.0.0/0"]}, "outside"),
        ({"name": "x", "addresses": ["127.0.0.0/7"]}, "outside"),
    ],
)
def test_a_token_creates_none_that_can_do_more(tokens: Tokens, people: People, body: dict[str, Any], code: str) -> None:
    api, _id = tokens.create(people.owner(), "users.read", days=30, addresses=["127.0.0.0/8"])
    before = people.row_counts()
    response = api.post("/tokens", body)
    assert (response.status_code, code_of(response)) == (422, code)
    assert people.row_counts() == before


def test_by_default_it_gets_the_limits_of_the_token_that_creates_it(tokens: Tokens, people: People) -> None:
    api, token_id = tokens.create(people.owner(), "users.read", days=30, addresses=["127.0.0.0/8"])
    created = api.post("/tokens", {"name": "Child"}).json
    assert (created["scopes"], created["addresses"]) == (["users.read"], ["127.0.0.0/8"])
    assert created["expires_at"] == api.get(f"/tokens/{token_id}").json["expires_at"]


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": " "},
        {"name": "a\x00b"},
        {"name": "x\u202ey"},
        {"name": "x" * 101},
        {"name": "x", "scopes": ["users.fly"]},
        {"name": "x", "scopes": "users.read"},
        {"name": "x", "days": 0},
        {"name": "x", "days": 10**40},
        {"name": "x", "days": "7"},
        {"name": "x", "days": True},
        {"name": "x", "addresses": ["10.0.0.0/33"]},
        {"name": "x", "addresses": ["１０.0.0.1"]},
        {"name": "x", "addresses": ["localhost"]},
        {"name": "x", "addresses": ["fe80::1%eth0"]},
        {"name": "x", "addresses": [f"10.0.{n}.0/24 10.1.{n}.0/24" for n in range(11)]},
        {"name": "x", "token": "rc_mine"},
    ],
)
def test_bad_input_is_422_and_leaves_no_trace(api: Api, people: People, body: dict[str, Any]) -> None:
    before = people.row_counts()
    assert api.post("/tokens", body).status_code == 422
    assert people.row_counts() == before


def test_people_need_a_permission_for_tokens_of_others(tokens: Tokens, people: People, access: Access) -> None:
    anna, boris = people.create(name="Anna", password=people.password), people.create(name="Boris")
    access.grant(access.role("Reader", "users.read"), user_id=anna.id)
    api, _id = tokens.create(anna)
    before = people.row_counts()
    assert api.post("/tokens", {"name": "x", "owner": str(boris.id)}).status_code == 403
    assert people.row_counts() == before
    access.grant(access.role("Token manager", "tokens.manage"), user_id=anna.id)
    assert api.post("/tokens", {"name": "x", "owner": boris.email}).json["owner"]["id"] == str(boris.id)


def test_nobody_creates_tokens_of_people_who_can_do_more(tokens: Tokens, people: People, access: Access) -> None:
    anna = people.create(name="Anna", password=people.password)
    access.grant(access.role("Token manager", "users.read", "tokens.manage"), user_id=anna.id)
    api, _id = tokens.create(anna)
    assert api.post("/tokens", {"name": "x", "owner": str(people.owner().id)}).status_code == 403


def test_tokens_live_for_90_days_by_default(app: App, api: Api, tokens: Tokens, people: People) -> None:
    # The token of the request must not end earlier.
    long, _id = tokens.create(people.owner(), days=365)
    secret = long.post("/tokens", {"name": "x"}).json["token"]
    with time_machine.travel(now() + timedelta(days=89)):
        assert Api(app, secret).get("/me").status_code == 200
    with time_machine.travel(now() + timedelta(days=91)):
        assert code_of(Api(app, secret).get("/me")) == "token_expired"
