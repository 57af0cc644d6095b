"""Programs end one session, remove one factor, and mark an account as compromised."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.access_factory import Access
from tests.api_description import check_described
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api, Browser
from tests.factor_factory import add_recovery_codes, add_totp
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.access.models import HELPDESK
from webapp.factors.totp import start_totp
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
USER, ANNA = "/api/v1/users/{user_id}", "anna@example.com"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


def test_one_session_ends_and_others_stay(app: App, api: Api, anna: UserOut) -> None:
    browsers = [Browser(app).signed_in_as(ANNA) for _number in range(2)]
    sessions = [row["id"] for row in api.get(f"/users/{anna.id}/sessions").json["items"]]
    for _time in range(2):
        assert api.delete(f"/users/{anna.id}/sessions/{sessions[0]}").status_code == 204
    assert [row["id"] for row in api.get(f"/users/{anna.id}/sessions").json["items"]] == sessions[1:]
    assert sorted(browser.get("/account").status_code for browser in browsers) == [200, 303]


def test_one_factor_is_removed(app: App, api: Api, anna: UserOut, people: People, mailbox: Mailbox) -> None:
    add_totp(app, anna.id)
    assert api.delete(f"/users/{anna.id}/factors/totp").status_code == 204
    assert api.get(f"/users/{anna.id}/factors").json["totp"] is None
    before = people.row_counts()
    for factor in ("totp", "x", str(uuid4())):
        assert api.delete(f"/users/{anna.id}/factors/{factor}").status_code == 404
    assert people.row_counts() == before


def test_recovery_codes_alone_are_removed_with_a_record_and_a_notice(
    app: App, api: Api, anna: UserOut, people: People, mailbox: Mailbox
) -> None:
    add_recovery_codes(app, anna.id)
    before = len(mailbox.letters(ANNA))
    for _time in range(2):
        assert api.delete(f"/users/{anna.id}/factors").status_code == 204
    assert people.row_counts()["recovery_codes"] == 0
    assert [action for action, _changes in people.audit_trail(anna.id)].count("factor.removed") == 1
    assert len(mailbox.letters(ANNA)) == before + 1


def test_an_app_that_was_not_confirmed_is_no_factor(app: App, api: Api, anna: UserOut, people: People) -> None:
    with app.app_context():
        start_totp(anna.id)
    before = people.row_counts()
    assert api.delete(f"/users/{anna.id}/factors/totp").status_code == 404
    assert people.row_counts() == before
    assert api.delete(f"/users/{anna.id}/factors").status_code == 204
    assert people.row_counts() == before | {"totp_factors": 0}


def test_a_compromised_account_is_locked_out(
    app: App, api: Api, anna: UserOut, people: People, mailbox: Mailbox
) -> None:
    browser, token = Browser(app).signed_in_as(ANNA), Api(app, people.token_for(anna))
    assert token.get("/me").status_code == 200
    for _time in range(2):
        answer = api.post(f"/users/{anna.id}/compromise", headers={"Idempotency-Key": "a"})
        assert answer.status_code == 204
    assert (browser.get("/account").status_code, token.get("/me").status_code) == (303, 401)
    assert len(mailbox.letters(ANNA)) == 1


def test_the_scope_and_the_reach_are_required(app: App, people: People, access: Access, anna: UserOut) -> None:
    limited, _id = Tokens(app).create(people.owner(), "users.read", "users.edit")
    helper = access.person("Helper")
    access.grant(HELPDESK, user_id=helper.id, scope_id=access.group("North"))
    scoped, own = Api(app, people.token_for(helper)), people.owner().id
    owner_token, _id = Tokens(app).create(people.owner())
    before = people.row_counts()
    for path in (f"/users/{anna.id}/sessions/{uuid4()}", f"/users/{anna.id}/factors/totp"):
        assert (code_of(limited.delete(path)), scoped.delete(path).status_code) == ("missing_scope", 404)
    assert code_of(limited.post(f"/users/{anna.id}/compromise")) == "missing_scope"
    assert scoped.post(f"/users/{anna.id}/compromise").status_code == 404
    assert owner_token.post(f"/users/{own}/compromise").status_code == 403
    assert people.row_counts() == before


def test_answers_are_as_described(app: App, api: Api, anna: UserOut) -> None:
    spec = api.get("/openapi.json").json
    add_totp(app, anna.id)
    for method, path, answer in (
        ("delete", f"{USER}/sessions/{{session_id}}", api.delete(f"/users/{anna.id}/sessions/{uuid4()}")),
        ("delete", f"{USER}/factors/{{factor}}", api.delete(f"/users/{anna.id}/factors/totp")),
        ("delete", f"{USER}/factors/{{factor}}", api.delete(f"/users/{anna.id}/factors/totp")),
        ("post", f"{USER}/compromise", api.post(f"/users/{anna.id}/compromise")),
        ("post", f"{USER}/compromise", api.post(f"/users/{uuid4()}/compromise")),
    ):
        check_described(spec, method, path, answer)
