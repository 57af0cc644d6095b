"""Tokens are revoked at once, or replaced by a new one while the old one works for some more hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine

from tests.access_factory import Access
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import TESTER, People
from webapp.api_tokens.services import rotate_token
from webapp.core.clock import now
from webapp.core.errors import WrongState
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_a_token_revokes_itself(tokens: Tokens, people: People) -> None:
    api, token_id = tokens.create(people.owner(), "users.read", name="Old")
    prefix = tokens.row(token_id).prefix
    assert api.delete(f"/tokens/{token_id}").status_code == 204
    assert code_of(api.get("/me")) == "token_revoked"
    changes = {"token": ["Old", None], "token_prefix": [prefix, None]}
    assert people.audit_trail(people.owner().id)[-1] == ("token.revoked", changes)


@pytest.mark.both_engines
def test_revoking_twice_leaves_one_record(api: Api, tokens: Tokens, people: People) -> None:
    _other, token_id = tokens.create(people.owner())
    assert {api.delete(f"/tokens/{token_id}").status_code for _ in range(2)} == {204}
    actions = [action for action, _changes in people.audit_trail(people.owner().id)]
    assert actions.count("token.revoked") == 1


def test_a_new_token_can_do_the_same_and_the_old_one_works_for_some_hours(
    app: App, api: Api, tokens: Tokens, people: People
) -> None:
    old, token_id = tokens.create(people.owner(), "users.read", days=30, addresses=["127.0.0.0/8"])
    response = api.post(f"/tokens/{token_id}/rotation", {"overlap_hours": 2})
    assert (response.status_code, response.json["scopes"]) == (201, ["users.read"])
    assert response.json["addresses"] == ["127.0.0.0/8"]
    new = Api(app, response.json["token"])
    with time_machine.travel(now() + timedelta(hours=1)):
        assert (old.get("/me").status_code, new.get("/me").status_code) == (200, 200)
    with time_machine.travel(now() + timedelta(hours=3)):
        assert (code_of(old.get("/me")), new.get("/me").status_code) == ("token_expired", 200)
    assert people.audit_trail(people.owner().id)[-1][0] == "token.rotated"


def test_the_old_token_can_end_at_once(api: Api, tokens: Tokens, people: People) -> None:
    old, token_id = tokens.create(people.owner())
    assert api.post(f"/tokens/{token_id}/rotation", {"overlap_hours": 0}).status_code == 201
    assert code_of(old.get("/me")) == "token_expired"


def test_a_token_that_was_replaced_or_has_ended_is_not_replaced_again(api: Api, tokens: Tokens, people: People) -> None:
    _old, replaced = tokens.create(people.owner())
    _old, revoked = tokens.create(people.owner())
    assert api.post(f"/tokens/{replaced}/rotation", {}).status_code == 201
    assert api.delete(f"/tokens/{revoked}").status_code == 204
    before = people.row_counts()
    assert {api.post(f"/tokens/{each}/rotation", {}).status_code for each in (replaced, revoked)} == {409}
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_of_two_rotations_at_once_one_wins(app: App, tokens: Tokens, people: People) -> None:
    _api, token_id = tokens.create(people.owner())
    outcomes, start = [], Barrier(2)

    def rotate() -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes.append(bool(rotate_token(token_id, by=TESTER)))
            except WrongState:
                outcomes.append(False)

    threads = [Thread(target=rotate) for _ in range(2)]
    for step in (Thread.start, Thread.join):
        for thread in threads:
            step(thread)
    assert sorted(outcomes) == [False, True]
    assert people.row_counts()["api_tokens"] == 2


Change = Callable[[Api, Any], Any]
CHANGES: list[Change] = [
    lambda api, token_id: api.delete(f"/tokens/{token_id}"),
    lambda api, token_id: api.post(f"/tokens/{token_id}/rotation", {}),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_limited_token_cannot_change_one_that_can_do_more(tokens: Tokens, people: People, change: Change) -> None:
    _wide, wide_id = tokens.create(people.owner(), "users.read", "users.create")
    narrow, _id = tokens.create(people.owner(), "users.read")
    before = people.row_counts()
    assert change(narrow, wide_id).status_code == 403
    assert people.row_counts() == before
    assert tokens.row(wide_id).revoked_at is None


@pytest.mark.parametrize("change", CHANGES)
def test_tokens_of_others_need_a_permission(tokens: Tokens, people: People, access: Access, change: Change) -> None:
    anna, boris = people.create(name="Anna", password=people.password), people.create(name="Boris")
    _theirs, token_id = tokens.create(boris)
    api, _id = tokens.create(anna)
    before = people.row_counts()
    assert change(api, token_id).status_code == 404
    access.grant(access.role("Reader", "users.read"), user_id=anna.id)
    assert change(api, token_id).status_code == 403
    assert people.row_counts()["api_tokens"] == before["api_tokens"]
    assert tokens.row(token_id).revoked_at is None
    access.grant(access.role("Token manager", "tokens.manage"), user_id=anna.id)
    assert change(api, token_id).status_code in {201, 204}


def test_a_rotated_token_does_not_end_later_than_the_token_that_rotates_it(tokens: Tokens, people: People) -> None:
    api, token_id = tokens.create(people.owner(), days=30)
    with time_machine.travel(now() + timedelta(days=20)):
        refused = api.post(f"/tokens/{token_id}/rotation", {"days": 30})
        assert (refused.status_code, code_of(refused)) == (422, "later_than_token")
        new = api.post(f"/tokens/{token_id}/rotation", {}).json
    assert new["expires_at"] <= (now() + timedelta(days=31)).isoformat()
