"""Changing a user, also when two people do it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from werkzeug.security import check_password_hash

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.core.errors import Stale
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон Иванов", email="anton@example.com", username="anton")


def form_of(user: UserOut, **changes: str) -> dict[str, object]:
    return {"name": user.name, "email": user.email, "username": user.username, "version": user.version} | changes


def test_the_change_is_in_the_database_and_its_trail_says_before_and_after(
    owner: Browser, people: People, anton: UserOut
) -> None:
    response = owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Петров"))
    assert (response.status_code, response.location) == (303, f"/users/{anton.id}")
    assert people.row(id=anton.id)["name"] == "Антон Петров"
    assert people.audit_trail(anton.id)[-1] == ("user.updated", {"name": ["Антон Иванов", "Антон Петров"]})
    page = owner.get(response.location).text
    assert "<del" in page
    assert "Антон Петров" in page


def test_search_follows_the_change(owner: Browser, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Петров"))
    assert str(anton.id) in owner.get("/users?q=петров").text
    assert str(anton.id) not in owner.get("/users?q=иванов").text


def test_the_username_can_be_taken_away(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, username=""))
    row = people.row(id=anton.id)
    assert (row["username"], row["username_key"]) == (None, None)


def test_a_new_password_replaces_the_old_one_and_is_not_in_the_trail(
    owner: Browser, people: People, anton: UserOut
) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, password="новый пароль навсегда"))
    row = people.row(id=anton.id)
    assert check_password_hash(row["password_hash"], "новый пароль навсегда")
    assert row["status"] == "active"
    assert people.audit_trail(anton.id)[-1] == ("user.updated", {"password": [None, "changed"]})


def test_nothing_changed_leaves_no_record(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton))
    assert [action for action, _changes in people.audit_trail(anton.id)] == ["user.created"]
    assert people.row(id=anton.id)["version"] == anton.version


def test_the_second_of_two_editors_sees_both_versions_and_overwrites_nothing(
    owner: Browser, people: People, anton: UserOut
) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Первый"))
    before = people.row_counts()
    response = owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Второй"))
    assert response.status_code == 409
    assert "Антон Первый" in response.text
    assert "Антон Второй" in response.text
    assert "Ольга Смирнова" in response.text
    assert people.row(id=anton.id)["name"] == "Антон Первый"
    assert people.row_counts() == before


def test_after_seeing_both_the_second_may_decide(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Первый"))
    conflict = owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Второй")).text
    assert f'name="version" type="hidden" value="{anton.version + 1}"' in conflict
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Второй", version=str(anton.version + 1)))
    assert people.row(id=anton.id)["name"] == "Антон Второй"


def test_signing_in_is_no_edit(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, password="новый пароль навсегда"))
    edited = people.row(id=anton.id)
    Browser(app).sign_in("anton@example.com", "новый пароль навсегда")
    after = people.row(id=anton.id)
    assert (after["version"], after["updated_at"]) == (edited["version"], edited["updated_at"])
    assert after["last_sign_in_at"] is not None


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "changes",
    [{"email": "nope"}, {"name": ""}, {"username": "a@b"}, {"password": "short"}, {"version": ""}, {"version": "x"}],
)
def test_bad_input_is_422_and_leaves_no_trace(
    owner: Browser, people: People, anton: UserOut, changes: dict[str, str]
) -> None:
    before = people.row_counts(), people.row(id=anton.id)
    assert owner.post(f"/users/{anton.id}", **form_of(anton, **changes)).status_code == 422
    assert (people.row_counts(), people.row(id=anton.id)) == before


def test_a_taken_address_leaves_no_trace(owner: Browser, people: People, anton: UserOut) -> None:
    people.create(email="taken@example.com")
    before = people.row_counts(), people.row(id=anton.id)
    response = owner.post(f"/users/{anton.id}", **form_of(anton, email="TAKEN@example.com"))
    assert "This e-mail address is already in use" in response.text
    assert (people.row_counts(), people.row(id=anton.id)) == before


def test_without_csrf_or_permission_nothing_happens(owner: Browser, people: People, anton: UserOut) -> None:
    assert owner.client.post(f"/users/{anton.id}", data=form_of(anton, name="X")).status_code == 400
    assert people.row(id=anton.id)["name"] == "Антон Иванов"


def test_a_member_may_not(member: Browser, people: People, anton: UserOut) -> None:
    assert member.get(f"/users/{anton.id}/edit").status_code == 403
    assert member.post(f"/users/{anton.id}", **form_of(anton, name="X")).status_code == 403
    assert people.row(id=anton.id)["name"] == "Антон Иванов"


def test_nobody_is_404(owner: Browser) -> None:
    nobody = "01a20c33-7cd6-70ee-b0a1-652ec903b536"
    assert owner.get(f"/users/{nobody}/edit").status_code == 404
    assert owner.post(f"/users/{nobody}", name="X", email="x@example.com", version="1").status_code == 404


def test_of_two_at_once_one_is_saved_and_one_is_told(app: App, people: People, anton: UserOut) -> None:
    barrier = Barrier(2, timeout=300)

    def attempt(name: str) -> str:
        barrier.wait()
        with app.app_context():
            try:
                return update_user(anton.id, version=anton.version, email=anton.email, name=name, by=TESTER).name
            except Stale:
                return "stale"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, ["Первый", "Второй"]))
    assert answers.count("stale") == 1
    assert people.row(id=anton.id)["name"] == next(name for name in answers if name != "stale")
    assert [action for action, _changes in people.audit_trail(anton.id)] == ["user.created", "user.updated"]


def test_a_new_password_ends_their_sessions_but_not_their_tokens(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    thief, token = Browser(app).sign_in("second@example.com"), Api(app, people.token_for(second))
    owner.post(f"/users/{second.id}", **form_of(second, username="", password="новый пароль навсегда"))
    assert thief.get("/account").status_code == 303
    assert token.get("/users").status_code == 200


def test_a_theme_is_no_edit(owner: Browser, people: People) -> None:
    before = people.row(email="olga@example.com")
    owner.post("/account/preferences", theme="dark")
    after = people.row(email="olga@example.com")
    assert (after["version"], after["theme"]) == (before["version"], "dark")
