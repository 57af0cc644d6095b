"""Undo one change: only once, with the permission of the change, and never over a later change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.audit.queries import get_record, latest_records_of
from webapp.audit.undo import undo_change
from webapp.audit.verify import verify
from webapp.core.errors import Stale
from webapp.core.permissions import Actor, ActorKind
from webapp.users.queries import get_user
from webapp.users.schemas import UserOut
from webapp.users.services import set_preferences, update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон Иванов", email="anton@example.com", username="anton", password=people.password)


def change(app: App, user: UserOut, **values: str) -> UUID:
    """Change a user and return the ID of the record."""
    with app.app_context():
        now = get_user(user.id)
        fields = {"email": now.email, "name": now.name, "username": now.username, "version": now.version} | values
        update_user(user.id, **fields, by=TESTER)
    return last_record_id(app, user)


def last_record_id(app: App, user: UserOut) -> UUID:
    """Return the ID of the newest record of a user."""
    with app.app_context():
        return latest_records_of(user.id, 1)[0].id


def identity(people: People, user: UserOut) -> tuple[Any, ...]:
    row = people.row(id=user.id)
    assert row
    return row["name"], row["email"], row["username"]


def test_an_edit_is_undone_by_the_button_after_it(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    form = {"name": "Антон Петров", "email": "petrov@example.com", "username": "", "version": anton.version}
    page = owner.get(owner.post(f"/users/{anton.id}", **form).location).text
    record_id = last_record_id(app, anton)
    assert f'action="/audit/{record_id}/undo"' in page
    response = owner.post(f"/audit/{record_id}/undo", next=f"/users/{anton.id}")
    assert (response.status_code, response.location) == (303, f"/users/{anton.id}")
    assert identity(people, anton) == ("Антон Иванов", "anton@example.com", "anton")
    action, changes = people.audit_trail(anton.id)[-1]
    assert (action, changes["name"]) == ("user.updated", ["Антон Петров", "Антон Иванов"])
    with app.app_context():
        undoing = get_record(last_record_id(app, anton))
        assert (undoing.undoes_id, undoing.actor_label) == (record_id, "Ольга Смирнова")
        assert get_record(record_id).undone_by_id == undoing.id
        assert verify().findings == []
    page = owner.get(response.location).text
    assert "The change was undone" in page
    assert "Undone" in page


def test_an_undo_can_be_undone(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    first = change(app, anton, name="Антон Петров")
    owner.post(f"/audit/{first}/undo")
    owner.post(f"/audit/{last_record_id(app, anton)}/undo")
    assert identity(people, anton)[0] == "Антон Петров"


def test_a_preference_is_undone(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    with app.app_context():
        set_preferences(anton.id, by=TESTER, theme="dark", locale="ru")
    owner.post(f"/audit/{last_record_id(app, anton)}/undo")
    row = people.row(id=anton.id)
    assert row
    assert (row["theme"], row["locale"]) == ("system", None)


def test_deactivation_and_reactivation_undo_each_other(
    app: App, owner: Browser, people: People, anton: UserOut
) -> None:
    owner.post(f"/users/{anton.id}/deactivation")
    owner.post(f"/audit/{last_record_id(app, anton)}/undo")
    assert people.row(id=anton.id)["status"] == "active"
    owner.post(f"/audit/{last_record_id(app, anton)}/undo")
    assert people.row(id=anton.id)["status"] == "deactivated"


def test_the_confirmation_shows_the_values(app: App, owner: Browser, anton: UserOut) -> None:
    record_id = change(app, anton, name="Антон Петров")
    assert f"/audit/{record_id}/undo?next=" in owner.get(f"/users/{anton.id}/activity").text
    page = owner.get(f"/audit/{record_id}/undo").text
    assert "Undo this change?" in page
    assert "<ins><bdi>Антон Иванов</bdi></ins>" in page


def test_a_later_change_is_shown_and_not_overwritten(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    record_id = change(app, anton, name="Антон Первый")
    change(app, anton, name="Антон Второй")
    before = people.row_counts(), identity(people, anton)
    for response in (owner.get(f"/audit/{record_id}/undo"), owner.post(f"/audit/{record_id}/undo")):
        for name in ("Антон Первый", "<strong><bdi>Антон Второй</bdi></strong>", "Антон Иванов"):
            assert name in response.text
        assert "This was changed again later" in response.text
        assert f'action="/audit/{record_id}/undo"' not in response.text
    assert response.status_code == 409
    assert (people.row_counts(), identity(people, anton)) == before


def test_a_later_change_of_another_field_does_not_conflict(
    app: App, owner: Browser, people: People, anton: UserOut
) -> None:
    record_id = change(app, anton, name="Антон Петров")
    change(app, anton, username="petrov")
    owner.post(f"/audit/{record_id}/undo")
    assert identity(people, anton) == ("Антон Иванов", "anton@example.com", "petrov")


@pytest.mark.both_engines
def test_an_address_that_is_taken_by_now_is_refused(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    record_id = change(app, anton, email="petrov@example.com")
    people.create(email="anton@example.com")
    before = people.row_counts(), identity(people, anton)
    response = owner.post(f"/audit/{record_id}/undo")
    assert response.status_code == 409
    assert "This e-mail address is already in use" in response.text
    assert (people.row_counts(), identity(people, anton)) == before


def test_a_second_undo_is_refused(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    record_id = change(app, anton, name="Антон Петров")
    owner.post(f"/audit/{record_id}/undo")
    before = people.row_counts()
    for response in (owner.get(f"/audit/{record_id}/undo"), owner.post(f"/audit/{record_id}/undo")):
        assert response.status_code == 409
        assert "already undone" in response.text
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_one_of_two_concurrent_undos_is_refused(app: App, people: People, anton: UserOut) -> None:
    record_id = change(app, anton, name="Антон Петров")
    barrier = Barrier(2, timeout=300)

    def attempt(_side: int) -> str:
        barrier.wait()
        with app.app_context():
            try:
                undo_change(record_id, by=TESTER)
            except Stale:
                return "refused"
            return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["done", "refused"]
    assert [action for action, _changes in people.audit_trail(anton.id)] == [
        "user.created",
        "user.updated",
        "user.updated",
    ]


@pytest.mark.parametrize(
    "secret", [{"password": "новый пароль навсегда"}, {"password": "новый пароль навсегда", "name": "X"}]
)
def test_a_password_change_cannot_be_undone(
    app: App, owner: Browser, people: People, anton: UserOut, secret: dict[str, str]
) -> None:
    record_id = change(app, anton, **secret)
    before = people.row_counts()
    response = owner.post(f"/audit/{record_id}/undo")
    assert response.status_code == 400
    assert "cannot be undone" in response.text
    assert f"/audit/{record_id}/undo" not in owner.get(f"/users/{anton.id}/activity").text
    assert people.row_counts() == before


def test_undo_needs_the_permission_of_the_change(app: App, member: Browser, people: People, anton: UserOut) -> None:
    record_id = change(app, anton, name="Антон Петров")
    before = people.row_counts()
    for response in (member.get(f"/audit/{record_id}/undo"), member.post(f"/audit/{record_id}/undo")):
        assert response.status_code == 403
        assert "Антон" not in response.text
    assert people.row_counts() == before


def test_people_undo_changes_of_their_preferences_and_see_no_address_of_others(
    app: App, people: People, anton: UserOut
) -> None:
    by = Actor(ActorKind.USER, "Olga", people.owner().id, address="203.0.113.9")
    with app.app_context():
        set_preferences(anton.id, by=by, theme="dark")
    record_id = last_record_id(app, anton)
    browser = Browser(app).signed_in_as(anton.email)
    page = browser.get(f"/audit/{record_id}/undo").text
    assert "Undo this change?" in page
    assert "203.0.113.9" not in page
    assert browser.post(f"/audit/{record_id}/undo").status_code == 303
    assert "203.0.113.9" in Browser(app).signed_in_as(people.owner().email).get(f"/users/{anton.id}/activity").text


def test_undo_needs_the_csrf_token(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    record_id = change(app, anton, name="Антон Петров")
    assert owner.client.post(f"/audit/{record_id}/undo").status_code == 400
    assert identity(people, anton)[0] == "Антон Петров"


def test_an_unknown_record_is_not_found(owner: Browser) -> None:
    nothing = "01a20c33-7cd6-70ee-b0a1-652ec903b536"
    assert owner.get(f"/audit/{nothing}/undo").status_code == 404
    assert owner.post(f"/audit/{nothing}/undo").status_code == 404


def test_the_redirect_stays_on_this_site(app: App, owner: Browser, anton: UserOut) -> None:
    record_id = change(app, anton, name="Антон Петров")
    assert owner.post(f"/audit/{record_id}/undo", next="//evil.example").location == f"/users/{anton.id}"
