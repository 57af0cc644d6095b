"""Edit users, also concurrently."""

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

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон Иванов", email="anton@example.com", username="anton")


def form_of(user: UserOut, **changes: str) -> dict[str, object]:
    return {"name": user.name, "email": user.email, "username": user.username, "version": user.version} | changes


def test_a_change_is_saved_and_recorded_with_both_values(owner: Browser, people: People, anton: UserOut) -> None:
    response = owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Петров"))
    assert (response.status_code, response.location) == (303, f"/users/{anton.id}")
    assert people.row(id=anton.id)["name"] == "Антон Петров"
    assert people.audit_trail(anton.id)[-1] == ("user.updated", {"name": ["Антон Иванов", "Антон Петров"]})
    page = owner.get(response.location).text
    assert "<del" in page
    assert "Антон Петров" in page


def test_search_finds_the_new_name_only(owner: Browser, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Петров"))
    assert str(anton.id) in owner.get("/users?q=петров").text
    assert str(anton.id) not in owner.get("/users?q=иванов").text


def test_the_username_can_be_removed(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, username=""))
    row = people.row(id=anton.id)
    assert (row["username"], row["username_key"]) == (None, None)


def test_a_new_password_is_saved_but_not_recorded(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, password="новый пароль навсегда"))
    row = people.row(id=anton.id)
    assert check_password_hash(row["password_hash"], "новый пароль навсегда")
    assert row["status"] == "active"
    assert people.audit_trail(anton.id)[-1] == ("user.updated", {"password": [None, "changed"]})


def test_an_unchanged_form_writes_no_audit_record(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton))
    assert [action for action, _changes in people.audit_trail(anton.id)] == ["user.created"]
    assert people.row(id=anton.id)["version"] == anton.version


def test_a_stale_edit_shows_both_versions_and_saves_nothing(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Первый"))
    before = people.row_counts()
    response = owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Второй"))
    assert response.status_code == 409
    assert "Антон Первый" in response.text
    assert "Антон Второй" in response.text
    assert "Ольга Смирнова" in response.text
    assert people.row(id=anton.id)["name"] == "Антон Первый"
    assert people.row_counts() == before


def test_the_conflict_page_can_overwrite_the_newer_version(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Первый"))
    conflict = owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Второй")).text
    assert f'name="version" type="hidden" value="{anton.version + 1}"' in conflict
    owner.post(f"/users/{anton.id}", **form_of(anton, name="Антон Второй", version=str(anton.version + 1)))
    assert people.row(id=anton.id)["name"] == "Антон Второй"


def test_signing_in_does_not_change_the_version(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}", **form_of(anton, password="новый пароль навсегда"))
    edited = people.row(id=anton.id)
    Browser(app).sign_in("anton@example.com", "новый пароль навсегда")
    after = people.row(id=anton.id)
    assert (after["version"], after["updated_at"]) == (edited["version"], edited["updated_at"])
    assert after["last_sign_in_at"] is not None


@pytest.mark.parametrize(
    "changes",
    [{"email": "nope"}, {"name": ""}, {"username": "a@b"}, {"password": "short"}, {"version": ""}, {"version": "x"}],
)
def test_invalid_input_is_422_and_leaves_no_trace(
    owner: Browser, people: People, anton: UserOut, changes: dict[str, str]
) -> None:
    before = people.row_counts(), people.row(id=anton.id)
    assert owner.post(f"/users/{anton.id}", **form_of(anton, **changes)).status_code == 422
    assert (people.row_counts(), people.row(id=anton.id)) == before


@pytest.mark.both_engines
def test_an_address_in_use_is_refused(owner: Browser, people: People, anton: UserOut) -> None:
    people.create(email="taken@example.com")
    before = people.row_counts(), people.row(id=anton.id)
    response = owner.post(f"/users/{anton.id}", **form_of(anton, email="TAKEN@example.com"))
    assert "This e-mail address is already in use" in response.text
    assert (people.row_counts(), people.row(id=anton.id)) == before


def test_a_post_without_csrf_token_is_refused(owner: Browser, people: People, anton: UserOut) -> None:
    assert owner.client.post(f"/users/{anton.id}", data=form_of(anton, name="X")).status_code == 400
    assert people.row(id=anton.id)["name"] == "Антон Иванов"


def test_a_member_is_refused(member: Browser, people: People, anton: UserOut) -> None:
    assert member.get(f"/users/{anton.id}/edit").status_code == 403
    assert member.post(f"/users/{anton.id}", **form_of(anton, name="X")).status_code == 403
    assert people.row(id=anton.id)["name"] == "Антон Иванов"


def test_an_unknown_user_is_404(owner: Browser) -> None:
    unknown_id = "01a20c33-7cd6-70ee-b0a1-652ec903b536"
    assert owner.get(f"/users/{unknown_id}/edit").status_code == 404
    assert owner.post(f"/users/{unknown_id}", name="X", email="x@example.com", version="1").status_code == 404


@pytest.mark.both_engines
def test_of_two_concurrent_edits_one_is_stale(app: App, people: People, anton: UserOut) -> None:
    barrier = Barrier(2, timeout=300)

    def attempt(name: str) -> str:
        barrier.wait()
        with app.app_context():
            try:
                return update_user(anton.id, version=anton.version, email=anton.email, name=name, by=TESTER).name
            except Stale:
                return "stale"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, ["Первый", "Второй"]))
    assert results.count("stale") == 1
    assert people.row(id=anton.id)["name"] == next(name for name in results if name != "stale")
    assert [action for action, _changes in people.audit_trail(anton.id)] == ["user.created", "user.updated"]


def test_a_new_password_ends_sessions_but_not_tokens(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    session, token = Browser(app).sign_in("second@example.com"), Api(app, people.token_for(second))
    owner.post(f"/users/{second.id}", **form_of(second, username="", password="новый пароль навсегда"))
    assert session.get("/account").status_code == 303
    assert token.get("/users").status_code == 200


def test_a_theme_does_not_change_the_version(owner: Browser, people: People) -> None:
    before = people.row(email="olga@example.com")
    owner.post("/account/preferences", theme="dark")
    after = people.row(email="olga@example.com")
    assert (after["version"], after["theme"]) == (before["version"], "dark")
