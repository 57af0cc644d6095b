"""Restoring a user from the bin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.audit.queries import latest_records_of
from webapp.bin.services import delete_user
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.signin.models import UserSession
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(app: App, people: People) -> UserOut:
    """A deleted owner."""
    people.owner()
    values = {"name": "Антон Иванов", "email": "anton@example.com", "username": "anton", "password": people.password}
    user = people.create(**values, roles=[OWNER])
    with app.app_context():
        delete_user(user.id, by=TESTER)
    return user


def test_a_restored_user_is_unchanged(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    assert owner.get(f"/users/{anton.id}/restoration").status_code == 200
    response = owner.post(f"/users/{anton.id}/restoration")
    row = people.row(id=anton.id)
    assert (response.status_code, response.location) == (303, f"/users/{anton.id}")
    assert (row["status"], row["deleted_at"], row["deleted_by_name"]) == ("active", None, None)
    assert people.audit_trail(anton.id)[-1] == ("user.restored", {"status": ["deleted", "active"]})
    assert Browser(app).sign_in("anton").get("/users").status_code == 200


def test_a_deactivated_user_is_restored_as_deactivated(app: App, owner: Browser, people: People) -> None:
    boris = people.create(name="Boris")
    with app.app_context():
        deactivate_user(boris.id, by=TESTER)
        delete_user(boris.id, by=TESTER)
    owner.post(f"/users/{boris.id}/restoration")
    assert people.row(id=boris.id)["status"] == "deactivated"


def test_old_sessions_and_tokens_stay_ended(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    session, token = Browser(app).sign_in("second@example.com"), Api(app, people.token_for(second))
    owner.post(f"/users/{second.id}/deletion")
    owner.post(f"/users/{second.id}/restoration")
    assert session.get("/account").status_code == 303
    assert token.get("/users").status_code == 401


@pytest.mark.both_engines
def test_a_taken_address_is_reported_and_can_be_replaced(owner: Browser, people: People, anton: UserOut) -> None:
    people.create(email="Anton@example.com", name="New Anton")
    page = owner.get(f"/users/{anton.id}/restoration").text
    assert "Another user now has this e-mail address." in page
    assert 'name="email"' in page
    assert 'name="username"' not in page
    before = people.row_counts()
    response = owner.post(f"/users/{anton.id}/restoration", email="anton@example.com")
    assert response.status_code == 422
    assert "This e-mail address is already in use" in response.text
    assert people.row_counts() == before
    assert people.row(id=anton.id)["status"] == "deleted"


@pytest.mark.both_engines
def test_an_address_taken_after_the_page_was_opened_is_reported(owner: Browser, people: People, anton: UserOut) -> None:
    people.create(email="other@example.com", username="ANTON")
    response = owner.post(f"/users/{anton.id}/restoration")
    assert response.status_code == 422
    assert "This username is already in use" in response.text
    assert 'name="username"' in response.text


def test_a_user_restored_with_another_address_is_found_by_the_old_one(
    owner: Browser, people: People, anton: UserOut
) -> None:
    people.create(email="anton@example.com", username="anton")
    fields = {"email": "anton.ivanov@example.com", "username": ""}
    assert owner.post(f"/users/{anton.id}/restoration", **fields).status_code == 303
    row = people.row(id=anton.id)
    assert (row["status"], row["email"], row["username"]) == ("active", "anton.ivanov@example.com", None)
    _action, changes = people.audit_trail(anton.id)[-1]
    assert changes["email"] == ["anton@example.com", "anton.ivanov@example.com"]
    assert str(anton.id) in owner.get("/users?q=anton@example.com").text


def test_an_invalid_address_is_refused(owner: Browser, people: People, anton: UserOut) -> None:
    response = owner.post(f"/users/{anton.id}/restoration", email="nope")
    assert response.status_code == 422
    assert "like name@example.com" in response.text
    assert people.row(id=anton.id)["status"] == "deleted"


def test_a_repeated_request_changes_nothing(owner: Browser, people: People, anton: UserOut) -> None:
    for _attempt in range(2):
        assert owner.post(f"/users/{anton.id}/restoration").status_code == 303
    assert owner.get(f"/users/{anton.id}/restoration").status_code == 303
    actions = [action for action, _changes in people.audit_trail(anton.id)]
    assert actions.count("user.restored") == 1


def test_a_deletion_can_be_undone_from_the_audit_trail(
    app: App, owner: Browser, people: People, anton: UserOut
) -> None:
    with app.app_context():
        record_id = latest_records_of(anton.id, 1)[0].id
    assert owner.get(f"/audit/{record_id}/undo").status_code == 200
    assert owner.post(f"/audit/{record_id}/undo").status_code == 303
    assert people.row(id=anton.id)["status"] == "active"


def test_undoing_a_restoration_needs_a_recent_password(
    app: App, owner: Browser, people: People, anton: UserOut
) -> None:
    owner.post(f"/users/{anton.id}/restoration")
    with app.app_context():
        restored = latest_records_of(anton.id, 1)[0].id
        with transaction():
            db.session.execute(update(UserSession).values(confirmed_at=now() - timedelta(hours=1)))
    assert owner.post(f"/audit/{restored}/undo").location.startswith("/confirm")
    owner.post("/confirm", password=people.password)
    owner.post(f"/audit/{restored}/undo")
    assert people.row(id=anton.id)["status"] == "deleted"


def test_a_restoration_with_another_address_cannot_be_undone(
    app: App, owner: Browser, people: People, anton: UserOut
) -> None:
    people.create(email="Anton@example.com", name="New Anton")
    owner.post(f"/users/{anton.id}/restoration", email="anton.old@example.com")
    with app.app_context():
        restored = latest_records_of(anton.id, 1)[0].id
    before = people.row_counts()
    assert owner.post(f"/audit/{restored}/undo").status_code == 400
    assert people.row_counts() == before
