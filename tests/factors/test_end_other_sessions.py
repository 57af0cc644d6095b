"""People who change their factors can end their other sessions at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.authenticator import Authenticator
from tests.clients import Browser
from tests.factor_factory import add_totp, totp_code
from tests.factories import People
from webapp.db.session import db
from webapp.factors.queries import pending_seed
from webapp.factors.totp import start_totp
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ALL = "/account/factors"


@pytest.fixture
def elsewhere(app: App, owner: Browser) -> Browser:
    """A second browser of the owner."""
    return Browser(app).signed_in_as("olga@example.com")


def add_app(app: App, browser: Browser, user_id: Any, **fields: str) -> Any:
    with app.app_context():
        start_totp(user_id)
        seed = pending_seed(user_id)
        db.session.rollback()
    assert seed
    return browser.post(f"{ALL}/totp/confirmation", code=totp_code(seed), **fields)


def add_passkey(_app: App, browser: Browser, _user_id: Any, **fields: str) -> Any:
    browser.csrf_token()
    credential = Authenticator().create(browser.get(f"{ALL}/passkeys/options").json)
    return browser.post(f"{ALL}/passkeys", credential=credential, **fields)


def remove_app(app: App, browser: Browser, user_id: Any, **fields: str) -> Any:
    add_totp(app, user_id)
    return browser.post(f"{ALL}/totp/removal", **fields)


def replace_codes(_app: App, browser: Browser, _user_id: Any, **fields: str) -> Any:
    return browser.post(f"{ALL}/recovery-codes", **fields)


CHANGES = [add_app, add_passkey, remove_app, replace_codes]


@pytest.fixture(autouse=True)
def at_localhost(change_settings: Callable[..., None]) -> None:
    change_settings(base_url="http://localhost")


@pytest.mark.parametrize("change", CHANGES)
def test_other_sessions_end_if_people_choose_it(
    app: App, owner: Browser, elsewhere: Browser, people: People, change: Callable[..., Any]
) -> None:
    answer = change(app, owner, people.owner().id, end_sessions="y")
    assert answer.status_code in {200, 303}
    assert elsewhere.get("/account").location.startswith("/login")
    assert "1 session ended" in answer.text + owner.get("/account").text
    assert "sessions.ended" in [action for action, _changes in people.audit_trail(people.owner().id)]


@pytest.mark.parametrize("change", CHANGES)
def test_other_sessions_stay_otherwise(
    app: App, owner: Browser, elsewhere: Browser, people: People, change: Callable[..., Any]
) -> None:
    assert change(app, owner, people.owner().id).status_code in {200, 303}
    assert elsewhere.get("/account").status_code == 200


def test_a_refused_change_ends_no_session(app: App, owner: Browser, elsewhere: Browser, people: People) -> None:
    with app.app_context():
        start_totp(people.owner().id)
    before = people.row_counts()
    assert owner.post(f"{ALL}/totp/confirmation", code="000000", end_sessions="y").status_code == 422
    assert owner.post(f"{ALL}/passkeys", credential="{}", end_sessions="y").status_code == 422
    assert owner.post(f"{ALL}/nothing/removal", end_sessions="y").status_code == 404
    assert (elsewhere.get("/account").status_code, people.row_counts()) == (200, before)


@pytest.mark.parametrize("page", ["passkeys/new", "totp", "recovery-codes", "totp/removal"])
def test_each_page_offers_it(app: App, owner: Browser, people: People, page: str) -> None:
    if page == "totp/removal":
        add_totp(app, people.owner().id)
    elif page == "totp":
        owner.post(f"{ALL}/totp")
    assert 'name="end_sessions"' in owner.get(f"{ALL}/{page}").text
