"""A token that does not work is 401 with a code that says why, and leaves no trace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import TESTER, People
from webapp.api_tokens.services import revoke_token
from webapp.core.clock import now
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_no_token_and_an_unknown_token_are_told_apart(app: App) -> None:
    missing = app.test_client().get("/api/v1/me")
    assert (missing.status_code, code_of(missing)) == (401, "token_missing")
    assert code_of(Api(app, "rc_unknown").get("/me")) == "token_unknown"


def test_a_revoked_token_is_401(app: App, tokens: Tokens, people: People) -> None:
    api, token_id = tokens.create(people.owner())
    with app.app_context():
        revoke_token(token_id, by=TESTER)
    refused = api.get("/me")
    assert (refused.status_code, code_of(refused)) == (401, "token_revoked")
    assert tokens.row(token_id).last_used_at is None


def test_an_expired_token_is_401(tokens: Tokens, people: People) -> None:
    api, _id = tokens.create(people.owner(), days=1)
    with time_machine.travel(now() + timedelta(days=2)):
        assert code_of(api.get("/me")) == "token_expired"


def test_the_token_of_a_deactivated_person_is_401(app: App, tokens: Tokens, people: People) -> None:
    anna = people.create(password=people.password)
    api, _id = tokens.create(anna)
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
    assert code_of(api.get("/me")) in {"token_owner_inactive", "token_revoked"}


@pytest.mark.parametrize(
    ("address", "status"),
    [("192.0.2.7", 200), ("::ffff:192.0.2.7", 200), ("2001:db8::1", 200), ("198.51.100.1", 401), ("2001:db9::1", 401)],
)
def test_a_token_works_only_from_its_address_ranges(tokens: Tokens, people: People, address: str, status: int) -> None:
    api, token_id = tokens.create(people.owner(), addresses=["192.0.2.0/24", "2001:db8::/32"])
    response: Any = api.get("/me", environ_base={"REMOTE_ADDR": address})
    assert response.status_code == status
    assert tokens.row(token_id).last_used_address == (address if status == 200 else None)
    if status == 401:
        assert code_of(response) == "token_address"
