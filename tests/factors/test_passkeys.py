"""Passkeys: add, rename and remove them, and sign in with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, update

from tests.authenticator import PRESENT, SYNCED, VERIFIED, Authenticator
from tests.clients import Browser
from tests.factor_factory import themselves
from tests.factories import People
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.core.passwords import NO_PASSWORD
from webapp.db.session import db
from webapp.factors.models import Passkey
from webapp.factors.services import remove_factor
from webapp.users.models import User
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ALL = "/account/factors"


@pytest.fixture(autouse=True)
def at_localhost(change_settings: Callable[..., None]) -> None:
    change_settings(base_url="http://localhost")


def add(browser: Browser, authenticator: Authenticator) -> Any:
    browser.csrf_token()
    options = browser.get(f"{ALL}/passkeys/options").json
    return browser.post(f"{ALL}/passkeys", credential=authenticator.create(options))


def sign_in(browser: Browser, authenticator: Authenticator, **fields: str) -> Any:
    browser.csrf_token()
    options = browser.get("/login/passkey").json
    return browser.post("/login/passkey", credential=authenticator.get(options), **fields)


def rows(app: App) -> list[Passkey]:
    with app.app_context():
        return list(db.session.scalars(select(Passkey).order_by(Passkey.id)))


@pytest.fixture
def authenticator(owner: Browser) -> Authenticator:
    """A passkey of the owner."""
    authenticator = Authenticator()
    assert add(owner, authenticator).status_code == 303
    return authenticator


def without_password(app: App, people: People) -> None:
    with app.app_context():
        db.session.execute(update(User).where(User.id == people.owner().id).values(password_hash=NO_PASSWORD))
        db.session.commit()


def test_a_passkey_gets_the_name_of_its_provider(app: App, owner: Browser, people: People) -> None:
    for number in range(2):
        assert add(owner, Authenticator()).location == f"{ALL}/recovery-codes", number
    assert [row.name for row in rows(app)] == ["Google Password Manager", "Google Password Manager 2"]
    assert rows(app)[0].is_synced
    assert people.row(email="olga@example.com")["second_factor_at"] is not None
    assert people.audit_trail(people.owner().id)[-1][0] == "factor.added"
    assert "Synced by its provider" in owner.get(ALL).text


def test_an_unknown_provider_is_named_too(app: App, owner: Browser) -> None:
    add(owner, Authenticator(aaguid="00" * 16, flags=PRESENT | VERIFIED))
    assert (rows(app)[0].name, rows(app)[0].is_synced) == ("Passkey", False)


def test_the_same_passkey_is_not_added_twice(app: App, owner: Browser, authenticator: Authenticator) -> None:
    answer = add(owner, authenticator)
    assert (answer.status_code, "This passkey was added before" in answer.text) == (422, True)
    assert len(rows(app)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://evil-localhost"},
        {"origin": "https://localhost"},
        {"origin": "http://localhost:81"},
        {"flags": PRESENT | SYNCED},
    ],
)
def test_another_origin_or_no_user_verification_is_refused(
    app: App, owner: Browser, authenticator: Authenticator, wrong: dict[str, Any]
) -> None:
    assert add(owner, Authenticator(**wrong)).status_code == 422
    assert len(rows(app)) == 1
    for name, value in wrong.items():
        setattr(authenticator, name, value)
    assert sign_in(Browser(app), authenticator).status_code == 422


@pytest.mark.parametrize(
    "credential",
    ["", "x", "null", "[]", "{}", '{"id": 1}', '{"id": "a", "rawId": "a", "response": 1, "type": "public-key"}'
     , "\x00", "\u202e", "😀", "{" * 9000, "x" * 30_000],
)  # fmt: skip
def test_what_is_no_answer_of_a_browser_is_refused(app: App, owner: Browser, people: People, credential: str) -> None:
    before = people.row_counts()
    assert owner.post(f"{ALL}/passkeys", credential=credential).status_code == 422
    assert Browser(app).post("/login/passkey", credential=credential).status_code == 422
    assert people.row_counts() | {"security_events": 0} == before


def test_every_part_of_the_wrong_type_is_refused(app: App, owner: Browser, authenticator: Authenticator) -> None:
    browser = Browser(app)
    browser.csrf_token()
    good = json.loads(authenticator.get(browser.get("/login/passkey").json))
    for part in ("id", "rawId", "type", "response"):
        for value in (None, 1, [], {}, "", "é"):
            sent = json.dumps(good | {part: value})
            assert browser.post("/login/passkey", credential=sent).status_code == 422, (part, value)
    for part in good["response"]:
        for value in (1, [], {}, "AAAA", "é"):
            sent = json.dumps(good | {"response": good["response"] | {part: value}})
            assert browser.post("/login/passkey", credential=sent).status_code == 422, (part, value)


def test_a_passkey_signs_in_alone(app: App, people: People, authenticator: Authenticator) -> None:
    visitor = Browser(app)
    answer = sign_in(visitor, authenticator, next="/roles")
    assert (answer.status_code, answer.location) == (303, "/roles")
    assert visitor.get("/account").status_code == 200
    assert rows(app)[0].last_used_at is not None
    assert people.audit_trail(people.owner().id)[-1][0] == "session.started"


def test_a_passkey_is_the_second_step_too(app: App, people: People, authenticator: Authenticator) -> None:
    visitor = Browser(app)
    visitor.post("/login", email="olga@example.com", password=people.password)
    assert visitor.get("/login/second-factor").status_code == 200
    assert sign_in(visitor, authenticator).status_code == 303
    assert visitor.get("/account").status_code == 200


def test_an_answer_is_not_accepted_twice(app: App, people: People, authenticator: Authenticator) -> None:
    visitor = Browser(app)
    visitor.csrf_token()
    with visitor.client.session_transaction() as cookie:
        before = dict(cookie)
    credential = authenticator.get(visitor.get("/login/passkey").json)
    assert visitor.post("/login/passkey", credential=credential).status_code == 303
    thief = Browser(app)
    with thief.client.session_transaction() as cookie:
        cookie.update(before)
    counts = people.row_counts()
    assert thief.post("/login/passkey", credential=credential).status_code == 422
    assert (thief.get("/account").status_code, people.row_counts() | {"security_events": 0}) == (303, counts)


def test_a_challenge_of_another_browser_or_purpose_is_refused(app: App, owner: Browser) -> None:
    authenticator = Authenticator()
    add(owner, authenticator)
    first, second = Browser(app), Browser(app)
    for browser in (first, second):
        browser.csrf_token()
    credential = authenticator.get(first.get("/login/passkey").json)
    assert second.post("/login/passkey", credential=credential).status_code == 422
    registration = owner.get(f"{ALL}/passkeys/options").json
    wrong = authenticator.get({"rpId": "localhost", "challenge": registration["challenge"]})
    assert owner.post("/login/passkey", credential=wrong).status_code == 422


def test_a_challenge_expires(app: App, authenticator: Authenticator) -> None:
    visitor = Browser(app)
    visitor.csrf_token()
    options = visitor.get("/login/passkey").json
    with time_machine.travel(now() + timedelta(minutes=11)):
        answer = visitor.post("/login/passkey", credential=authenticator.get(options))
    assert (answer.status_code, "Too much time has passed" in answer.text) == (422, True)


def test_a_signature_of_another_key_is_refused(app: App, authenticator: Authenticator) -> None:
    authenticator.key = Authenticator().key
    assert sign_in(Browser(app), authenticator).status_code == 422


def test_a_user_handle_of_somebody_else_is_refused(app: App, authenticator: Authenticator) -> None:
    authenticator.user_handle = uuid4().bytes
    assert sign_in(Browser(app), authenticator).status_code == 422


def test_a_copy_of_a_passkey_that_counts_is_refused(app: App, owner: Browser) -> None:
    authenticator = Authenticator(sign_count=5)
    add(owner, authenticator)
    authenticator.sign_count = 7
    assert sign_in(Browser(app), authenticator).status_code == 303
    authenticator.sign_count = 6
    assert sign_in(Browser(app), authenticator).status_code == 422


def test_an_account_that_is_not_active_stays_closed(app: App, people: People, authenticator: Authenticator) -> None:
    with app.app_context():
        db.session.execute(update(User).where(User.id == people.owner().id).values(locked_at=now()))
        db.session.commit()
    before = people.row_counts()
    assert sign_in(Browser(app), authenticator).status_code == 422
    assert people.row_counts() | {"security_events": 0} == before


def test_a_passkey_is_renamed(app: App, owner: Browser, people: People, authenticator: Authenticator) -> None:
    path = f"{ALL}/passkeys/{rows(app)[0].id}/name"
    assert owner.get(path).status_code == 200
    assert owner.post(path, name="Ключ на телефоне").location == ALL
    assert "Ключ на телефоне" in owner.get(ALL).text
    assert people.audit_trail(people.owner().id)[-1][0] == "factor.renamed"
    for name in ("", "x" * 200, "\x00", "\u202e", " "):
        assert owner.post(path, name=name).status_code == 422, name
    assert rows(app)[0].name == "Ключ на телефоне"


def test_a_passkey_of_somebody_else_is_not_found(
    app: App, owner: Browser, authenticator: Authenticator, people: People
) -> None:
    people.create(email="anna@example.com", name="Anna", password=people.password)
    anna, passkey = Browser(app).signed_in_as("anna@example.com"), rows(app)[0]
    assert anna.post(f"{ALL}/passkeys/{passkey.id}/name", name="Mine").status_code == 404
    assert anna.get(f"{ALL}/passkeys/{passkey.id}/name").status_code == 404
    assert anna.post(f"{ALL}/{passkey.id}/removal").status_code == 404
    assert (len(rows(app)), rows(app)[0].name) == (1, passkey.name)


def test_a_removed_passkey_signs_in_no_more(app: App, owner: Browser, authenticator: Authenticator) -> None:
    assert owner.get(f"{ALL}/{rows(app)[0].id}/removal").status_code == 200
    assert owner.post(f"{ALL}/{rows(app)[0].id}/removal").location == ALL
    answer = sign_in(Browser(app), authenticator)
    assert (answer.status_code, "does not belong to an account here" in answer.text) == (422, True)


def test_the_last_way_in_stays(app: App, owner: Browser, people: People, authenticator: Authenticator) -> None:
    without_password(app, people)
    answer = owner.post(f"{ALL}/{rows(app)[0].id}/removal")
    assert (answer.status_code, "only way to sign in" in answer.text) == (422, True)
    assert len(rows(app)) == 1
    add(owner, Authenticator())
    assert owner.post(f"{ALL}/{rows(app)[0].id}/removal").status_code == 303


def test_of_two_last_passkeys_removed_at_once_one_stays(app: App, owner: Browser, people: People) -> None:
    for _number in range(2):
        add(owner, Authenticator())
    without_password(app, people)
    user_id, barrier = people.owner().id, Barrier(2, timeout=300)

    def remove(passkey: Passkey) -> bool:
        barrier.wait()
        with app.app_context():
            try:
                remove_factor(user_id, str(passkey.id), by=themselves(user_id))
            except Invalid:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(remove, rows(app))) == 1
    assert len(rows(app)) == 1


def test_password_managers_find_the_page(visitor: Browser) -> None:
    page = "http://localhost/account/factors"
    assert visitor.get("/.well-known/passkey-endpoints").json == {"enroll": page, "manage": page}


def test_passkeys_are_not_offered_where_browsers_refuse_them(
    owner: Browser, visitor: Browser, change_settings: Callable[..., None]
) -> None:
    assert "/login/passkey" in visitor.get("/login").text
    for base_url in ("http://127.0.0.1:8000", "http://rollcall.example", "https://192.0.2.1"):
        change_settings(base_url=base_url)
        assert "/login/passkey" not in visitor.get("/login").text
        assert "Passkeys work only if" in owner.get(ALL).text
