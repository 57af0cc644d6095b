"""Sign in and out."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from werkzeug.security import check_password_hash, generate_password_hash

from tests.clients import Browser
from tests.factories import People
from webapp.core.clock import now
from webapp.core.permissions import Actor, ActorKind
from webapp.core.tokens import token_hash
from webapp.db.session import db
from webapp.signin import confirmation, services
from webapp.signin.models import UserSession
from webapp.signin.services import _rehash_password
from webapp.users.models import User
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
BY = Actor(ActorKind.SYSTEM, "Test")
WRONG = "is wrong, or the account is not active"


@pytest.mark.parametrize(
    "identifier", ["olga@example.com", " OLGA@Example.com ", "olga", "OLGA", "\uff2flga@example.com", "\uff4flga"]
)
def test_people_sign_in_by_email_or_username_in_any_case(visitor: Browser, people: People, identifier: str) -> None:
    people.create(email="olga@example.com", username="Olga", password=people.password)
    assert visitor.post("/login", email=identifier, password=people.password).status_code == 303
    assert visitor.get("/account").status_code == 200


def test_the_database_holds_only_the_hash_of_the_token(app: App, owner: Browser, people: People) -> None:
    with owner.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with app.app_context():
        session = db.session.scalars(select(UserSession)).one()
        assert session.token_hash == token_hash(token) != token
        assert (session.address, session.user_id) == ("127.0.0.1", people.owner().id)


def test_signing_in_and_out_is_audited(owner: Browser, people: People) -> None:
    owner.post("/logout")
    actions = [action for action, _changes in people.audit_trail(people.owner().id)]
    assert actions == ["user.created", "role.granted", "session.started", "session.ended"]


def test_the_last_sign_in_is_recorded(owner: Browser, people: People) -> None:
    assert people.row(email="olga@example.com")["last_sign_in_at"] is not None


@pytest.mark.parametrize(
    ("identifier", "password"),
    [
        ("olga@example.com", "wrong horse battery staple"),
        ("nobody@example.com", People.password),
        ("invited@example.com", People.password),
        ("deactivated@example.com", People.password),
        ("not an address", People.password),
        ("\x00", People.password),
        ("olga@example.com", "\x00"),
        ("olga@example.com", "x" * 1024),
        # 512 characters and 1,024 bytes, twice as many characters in NFKC.
        ("olga@example.com", "\u0344" * 512),
        ("olga@example.com", "e\u0301" * 300),
        ("olga@example.com", People.password.upper()),
        # Cyrillic letters that look like Latin ones.
        ("\u043elga@example.com", People.password),
        ("olga@ex\u0430mple.com", People.password),
        ("olga\u200b@example.com", People.password),
    ],
)
def test_every_refusal_has_the_same_message_and_leaves_no_trace(
    app: App, visitor: Browser, people: People, identifier: str, password: str
) -> None:
    people.owner()
    people.create(email="invited@example.com")
    gone = people.create(email="deactivated@example.com", password=people.password)
    with app.app_context():
        db.session.execute(update(User).where(User.id == gone.id).values(deactivated_at=now()))
        db.session.commit()
    before = people.row_counts()
    response = visitor.post("/login", email=identifier, password=password)
    assert response.status_code == 422
    assert WRONG in response.text
    assert people.row_counts() | {"security_events": 0} == before


@pytest.mark.parametrize(
    ("identifier", "password"), [("", "x"), ("x", ""), ("x" * 300, "x"), ("x", "x" * 1025), ("x", "x" * 1_000_000)]
)
def test_missing_and_too_long_values_are_field_errors(visitor: Browser, identifier: str, password: str) -> None:
    response = visitor.post("/login", email=identifier, password=password)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text


def test_a_hash_is_computed_for_unknown_accounts_too(
    app: App, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    monkeypatch.setattr(
        "webapp.core.passwords.check_password_hash", lambda stored, _given: compared.append(stored) or False
    )
    visitor.post("/login", email="nobody@example.com", password="whatever it may be")
    assert compared[0].startswith("scrypt:")


def during_the_hash(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object], module: Any = services) -> None:
    """Make a change once, after the next password was compared and before its request goes on."""
    verify = module.verify_password

    def verified(stored: str | None, given: str) -> bool:
        monkeypatch.setattr(module, "verify_password", verify)
        same = verify(stored, given)
        # In a thread of its own, as another request would.
        with ThreadPoolExecutor(1) as other:
            other.submit(change).result()
        return same

    monkeypatch.setattr(module, "verify_password", verified)


@pytest.mark.parametrize("change", ["password", "deactivation", "deletion"])
def test_no_session_starts_if_the_account_changed_while_the_password_was_compared(
    app: App, visitor: Browser, people: People, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, person = people.owner(), people.create(email="ivan@example.com", name="Ivan", password=people.password)
    other = Browser(app).signed_in_as(owner.email)

    def changed() -> None:
        if change == "password":
            with app.app_context():
                update_user(person.id, by=BY, password="another long passphrase")
        elif change == "deactivation":
            assert other.post(f"/users/{person.id}/deactivation").status_code == 303
        else:
            assert other.post(f"/users/{person.id}/deletion").status_code == 303

    during_the_hash(monkeypatch, changed)
    response = visitor.post("/login", email="ivan@example.com", password=people.password)
    assert (response.status_code, WRONG in response.text) == (422, True)
    assert "session.started" not in [action for action, _changes in people.audit_trail(person.id)]


def test_a_confirmation_fails_if_the_password_changed_while_it_was_compared(
    app: App, owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed() -> None:
        with app.app_context():
            update_user(people.owner().id, by=BY, password="another long passphrase")

    during_the_hash(monkeypatch, changed, confirmation)
    assert owner.post("/confirm", password=people.password).location.startswith("/login")
    assert owner.get("/account").location.startswith("/login")


def test_two_sign_ins_that_renew_one_hash_both_succeed(
    app: App, visitor: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = people.owner()
    with app.app_context():
        old = generate_password_hash(people.password, "scrypt:512:8:1")
        db.session.execute(update(User).where(User.id == owner.id).values(password_hash=old))
        db.session.commit()
    during_the_hash(monkeypatch, lambda: Browser(app).sign_in("olga@example.com"))
    visitor.sign_in("olga@example.com")


def test_an_old_hash_is_replaced(app: App, visitor: Browser, people: People) -> None:
    owner = people.owner()
    with app.app_context():
        old = generate_password_hash(people.password, "scrypt:512:8:1")
        db.session.execute(update(User).where(User.id == owner.id).values(password_hash=old))
        db.session.commit()
    visitor.sign_in("olga@example.com")
    assert people.row(id=owner.id)["password_hash"].startswith("scrypt:128:8:1$")
    Browser(app).sign_in("olga@example.com")


def test_signing_out_ends_the_session_everywhere(app: App, owner: Browser) -> None:
    with owner.client.session_transaction() as cookie:
        stolen = dict(cookie)
    assert owner.post("/logout").location == "/login"
    thief = Browser(app)
    with thief.client.session_transaction() as cookie:
        cookie.update(stolen)
    assert thief.get("/account").status_code == 303


def test_signing_out_requires_a_csrf_token(owner: Browser) -> None:
    assert owner.client.post("/logout").status_code == 400
    assert owner.get("/account").status_code == 200


def test_an_idle_session_ends(owner: Browser) -> None:
    with time_machine.travel(now() + timedelta(minutes=14)):
        assert owner.get("/account").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=28)):
        assert owner.get("/account").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=44)):
        assert owner.get("/account").status_code == 303


def test_a_session_ends_after_twelve_hours(owner: Browser) -> None:
    for minutes in range(10, 12 * 60, 10):
        with time_machine.travel(now() + timedelta(minutes=minutes)):
            assert owner.get("/account").status_code == 200
    with time_machine.travel(now() + timedelta(hours=12, minutes=1)):
        assert owner.get("/account").status_code == 303


def test_signing_in_redirects_to_the_requested_page(visitor: Browser, people: People) -> None:
    people.owner()
    wanted = visitor.get("/users?q=anna")
    assert wanted.location == "/login?next=/users?q%3Danna"
    page = visitor.get(wanted.location).text
    assert 'value="/users?q=anna"' in page
    response = visitor.post("/login", email="olga@example.com", password=people.password, next="/users?q=anna")
    assert response.location == "/users?q=anna"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\nb", "javascript:x"]
)
def test_redirects_stay_on_this_site(visitor: Browser, people: People, address: str) -> None:
    people.owner()
    response = visitor.post("/login", email="olga@example.com", password=people.password, next=address)
    assert response.location == "/"


def test_signing_in_changes_the_csrf_token(visitor: Browser, people: People) -> None:
    people.owner()
    before = CSRF.search(visitor.get("/login").text)[1]
    visitor.client.post("/login", data={"csrf_token": before, "email": "olga@example.com", "password": people.password})
    assert visitor.client.post("/logout", data={"csrf_token": before}).status_code == 400
    after = CSRF.search(visitor.get("/account").text)[1]
    assert visitor.client.post("/logout", data={"csrf_token": after}).status_code == 303


def test_pages_of_signed_in_people_are_not_cached(owner: Browser) -> None:
    assert owner.get("/users").headers["Cache-Control"] == "no-store"


def test_signing_in_again_ends_the_old_session(app: App, owner: Browser, people: People) -> None:
    with owner.client.session_transaction() as cookie:
        before = dict(cookie)
    owner.post("/login", email="olga@example.com", password=people.password)
    thief = Browser(app)
    with thief.client.session_transaction() as cookie:
        cookie.update(before)
    assert thief.get("/account").status_code == 303
    assert owner.get("/account").status_code == 200


def test_replacing_a_hash_does_not_check_the_password_rules(app: App, visitor: Browser, people: People) -> None:
    owner = people.owner()
    with app.app_context():
        old = generate_password_hash("shorter", "scrypt:512:8:1")
        db.session.execute(update(User).where(User.id == owner.id).values(password_hash=old))
        db.session.commit()
    visitor.sign_in("olga@example.com", "shorter")
    assert people.row(id=owner.id)["password_hash"].startswith("scrypt:128:8:1$")


def test_replacing_a_hash_does_not_overwrite_a_changed_password(app: App, people: People) -> None:
    owner = people.owner()
    with app.app_context():
        _rehash_password(owner.id, "the hash from before", "the password from before")
    assert check_password_hash(people.row(id=owner.id)["password_hash"], people.password)


def test_a_long_address_is_truncated(app: App, app_with: Callable[..., App], people: People) -> None:
    people.owner()
    browser = Browser(app_with(TRUSTED_PROXIES="127.0.0.1/32"))
    form = {"csrf_token": browser.csrf_token(), "email": "olga@example.com", "password": people.password}
    response = browser.client.post("/login", data=form, headers={"X-Forwarded-For": "a" * 300})
    assert response.status_code == 303
