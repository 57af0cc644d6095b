"""How a person signs in, in the JSON API."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factor_factory import add_recovery_codes, add_totp
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA = "anna@example.com"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


def test_a_reset_is_mailed_once_for_a_key(api: Api, anna: UserOut, mailbox: Mailbox) -> None:
    for _time in range(2):
        answer = api.post(f"/users/{anna.id}/password-reset", headers={"Idempotency-Key": "once"})
        assert answer.status_code == 204
    assert len(mailbox.letters(ANNA)) == 1


def test_a_one_time_pass_is_shown_once(api: Api, anna: UserOut, visitor: Browser) -> None:
    answer = api.post(f"/users/{anna.id}/one-time-pass")
    assert (answer.status_code, set(answer.json)) == (201, {"url", "expires_at"})
    visitor.get("/reset" + answer.json["url"].partition("/reset")[2])
    assert visitor.get("/reset").status_code == 200


def test_sessions_are_listed_and_ended(app: App, api: Api, anna: UserOut) -> None:
    browser = Browser(app).signed_in_as(ANNA)
    (session,) = api.get(f"/users/{anna.id}/sessions").json["items"]
    assert set(session) == {"id", "device", "address", "created_at", "last_used_at"}
    for _time in range(2):
        assert api.delete(f"/users/{anna.id}/sessions").status_code == 204
    assert api.get(f"/users/{anna.id}/sessions").json["items"] == []
    assert browser.get("/account").status_code == 303


def test_factors_are_listed_and_removed(app: App, api: Api, anna: UserOut, mailbox: Mailbox) -> None:
    seed = add_totp(app, anna.id)
    codes = add_recovery_codes(app, anna.id)
    answer = api.get(f"/users/{anna.id}/factors")
    assert (answer.json["totp"]["last_used_at"], answer.json["recovery_codes_left"]) == (None, len(codes))
    assert not any(secret in answer.text for secret in (seed, *codes))
    mailbox.letters()
    assert api.delete(f"/users/{anna.id}/factors").status_code == 204
    assert api.get(f"/users/{anna.id}/factors").json == {"totp": None, "passkeys": [], "recovery_codes_left": 0}


@pytest.mark.parametrize(
    ("method", "what"),
    [("post", "password-reset"), ("post", "one-time-pass"), ("delete", "sessions"), ("delete", "factors")],
)
def test_changes_take_the_permission_over_the_person(
    app: App, access: Access, anna: UserOut, people: People, method: str, what: str
) -> None:
    helper = access.person("Helper")
    access.grant(access.role("Resets", "users.read", "users.reset"), user_id=helper.id)
    token, olga = people.token_for(helper), people.owner()
    before = people.row_counts()
    assert getattr(Api(app, token), method)(f"/users/{olga.id}/{what}").status_code == 403
    unknown = f"/users/{'0' * 8}-0000-7000-8000-{'0' * 12}/{what}"
    assert getattr(Api(app, token), method)(unknown).status_code == 404
    assert people.row_counts() == before


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("DELETE", "/factors", None),
        ("DELETE", "/sessions", None),
        ("POST", "/one-time-pass", None),
        ("POST", "/password-reset", None),
        ("PATCH", "", {"password": "a completely different phrase"}),
    ],
)
def test_a_token_cannot_change_how_its_owner_signs_in(
    app: App, api: Api, people: People, method: str, path: str, json: dict[str, str] | None
) -> None:
    owner = people.owner()
    add_totp(app, owner.id)
    before, row = people.row_counts(), people.row(id=owner.id)
    answer = api.client.open(f"/api/v1/users/{owner.id}{path}", method=method, json=json, headers=api.headers)
    assert answer.status_code == 403
    assert (people.row_counts(), people.row(id=owner.id)) == (before, row)
