"""An invited person creates a passkey instead of a password, then gets recovery codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.authenticator import PRESENT, Authenticator
from tests.clients import Browser
from tests.factories import People
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine


@pytest.fixture(autouse=True)
def at_localhost(change_settings: Callable[..., None]) -> None:
    change_settings(base_url="http://localhost")


def created(browser: Browser, **faults: int) -> str:
    browser.csrf_token()
    return Authenticator(**faults).create(browser.get("/invitation/passkey/options").json)


def test_the_person_is_active_without_a_password(invited: Browser, people: People, anton: UserOut) -> None:
    assert "Use a passkey instead" in invited.get("/invitation/password").text
    response = invited.post("/invitation/passkey", credential=created(invited))
    assert (response.status_code, response.location) == (303, "/account/factors/recovery-codes")
    assert people.row(id=anton.id)["status"] == "active"
    actions = [action for action, _changes in people.audit_trail(anton.id)]
    assert actions[2:] == ["invitation.accepted", "factor.added", "session.started"]
    assert invited.get(response.location).status_code == 200


@pytest.mark.parametrize("credential", ["", "{}", "x" * 100_000, None])
def test_a_wrong_passkey_is_refused(invited: Browser, people: People, credential: str | None) -> None:
    before = people.row_counts()
    assert invited.post("/invitation/passkey", credential=credential).status_code == 422
    assert people.row_counts() == before


def test_the_person_must_be_verified(invited: Browser, people: People) -> None:
    before = people.row_counts()
    assert invited.post("/invitation/passkey", credential=created(invited, flags=PRESENT)).status_code == 422
    assert people.row_counts() == before


def test_it_takes_a_link_that_works(visitor: Browser, people: People) -> None:
    before = people.row_counts()
    assert visitor.get("/invitation/passkey/options").status_code == 410
    assert visitor.post("/invitation/passkey", credential="{}").status_code == 410
    assert people.row_counts() == before
