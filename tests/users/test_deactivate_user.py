"""Ending a user's access, and giving it back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.core.errors import Forbidden
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон Иванов", email="anton@example.com", password=people.password)


def test_a_page_asks_first_and_says_what_will_happen(owner: Browser, people: People, anton: UserOut) -> None:
    page = owner.get(f"/users/{anton.id}/deactivation").text
    assert "Антон Иванов" in page
    assert 'method="post"' in page
    assert people.row(id=anton.id)["deactivated_at"] is None


def test_it_says_when_and_who_in_the_row_and_the_trail(owner: Browser, people: People, anton: UserOut) -> None:
    response = owner.post(f"/users/{anton.id}/deactivation")
    row = people.row(id=anton.id)
    assert (response.status_code, row["status"]) == (303, "deactivated")
    assert row["deactivated_at"] is not None
    assert row["deactivated_by_name"] == "Ольга Смирнова"
    assert people.audit_trail(anton.id)[-1] == ("user.deactivated", {"status": ["active", "deactivated"]})


def test_an_open_session_is_over_at_the_next_request(app: App, owner: Browser, anton: UserOut) -> None:
    antons = Browser(app).sign_in("anton@example.com")
    assert antons.get("/account").status_code == 200
    owner.post(f"/users/{anton.id}/deactivation")
    assert antons.get("/account").status_code == 303


def test_a_token_is_refused_at_the_next_request(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    token = Api(app, people.token_for(second))
    assert token.get("/users").status_code == 200
    owner.post(f"/users/{second.id}/deactivation")
    assert token.get("/users").status_code == 401


def test_signing_in_is_refused(app: App, owner: Browser, visitor: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deactivation")
    assert visitor.post("/login", email="anton@example.com", password=people.password).status_code == 422


def test_reactivation_takes_it_all_back(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deactivation")
    assert owner.get(f"/users/{anton.id}/reactivation").status_code == 200
    assert owner.post(f"/users/{anton.id}/reactivation").status_code == 303
    row = people.row(id=anton.id)
    assert (row["status"], row["deactivated_at"], row["deactivated_by_name"]) == ("active", None, None)
    assert people.audit_trail(anton.id)[-1] == ("user.reactivated", {"status": ["deactivated", "active"]})
    Browser(app).sign_in("anton@example.com")


def test_twice_is_once(owner: Browser, people: People, anton: UserOut) -> None:
    for verb in ("deactivation", "deactivation", "reactivation", "reactivation"):
        assert owner.post(f"/users/{anton.id}/{verb}").status_code == 303
    actions = [action for action, _changes in people.audit_trail(anton.id)]
    assert actions == ["user.created", "user.deactivated", "user.reactivated"]


def test_nobody_can_deactivate_themselves(owner: Browser, people: People) -> None:
    people.create(email="second@example.com", password=people.password, roles=[OWNER])
    before = people.row_counts()
    response = owner.post(f"/users/{people.owner().id}/deactivation")
    assert response.status_code == 403
    assert "You cannot deactivate yourself." in response.text
    assert people.row_counts() == before


def test_the_last_owner_stays(app: App, people: People) -> None:
    owner = people.owner()
    people.create(email="invited@example.com", roles=[OWNER])
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="last active owner"):
        deactivate_user(owner.id, by=TESTER)
    assert people.row_counts() == before
    assert people.row(id=owner.id)["status"] == "active"


def test_two_owners_who_deactivate_each_other_at_once_leave_one(app: App, people: People) -> None:
    owners = [people.create(password=people.password, roles=[OWNER]).id for _number in range(2)]

    def attempt(user_id: UUID) -> str:
        with app.app_context():
            try:
                return deactivate_user(user_id, by=TESTER).status
            except Forbidden:
                return "refused"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(attempt, owners))
    assert answers == ["deactivated", "refused"]


def test_a_member_may_not(member: Browser, people: People, anton: UserOut) -> None:
    before = people.row_counts()
    assert member.get(f"/users/{anton.id}/deactivation").status_code == 403
    assert member.post(f"/users/{anton.id}/deactivation").status_code == 403
    assert member.post(f"/users/{anton.id}/reactivation").status_code == 403
    assert people.row_counts() == before


def test_without_the_csrf_token_nothing_happens(owner: Browser, people: People, anton: UserOut) -> None:
    assert owner.client.post(f"/users/{anton.id}/deactivation").status_code == 400
    assert people.row(id=anton.id)["status"] == "active"


def test_what_was_open_before_stays_closed_after_reactivation(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    session, token = Browser(app).sign_in("second@example.com"), Api(app, people.token_for(second))
    owner.post(f"/users/{second.id}/deactivation")
    owner.post(f"/users/{second.id}/reactivation")
    assert session.get("/account").status_code == 303
    assert token.get("/users").status_code == 401
    assert Browser(app).sign_in("second@example.com").get("/account").status_code == 200
