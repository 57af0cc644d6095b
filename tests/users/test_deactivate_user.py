"""Deactivate and reactivate users."""

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

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон Иванов", email="anton@example.com", password=people.password)


def test_a_page_asks_for_confirmation(owner: Browser, people: People, anton: UserOut) -> None:
    page = owner.get(f"/users/{anton.id}/deactivation").text
    assert "Антон Иванов" in page
    assert 'method="post"' in page
    assert people.row(id=anton.id)["deactivated_at"] is None


def test_the_deactivation_is_saved_and_recorded(owner: Browser, people: People, anton: UserOut) -> None:
    response = owner.post(f"/users/{anton.id}/deactivation")
    row = people.row(id=anton.id)
    assert (response.status_code, row["status"]) == (303, "deactivated")
    assert row["deactivated_at"] is not None
    assert row["deactivated_by_name"] == "Ольга Смирнова"
    assert people.audit_trail(anton.id)[-1] == ("user.deactivated", {"status": ["active", "deactivated"]})


def test_an_open_session_ends_at_its_next_request(app: App, owner: Browser, anton: UserOut) -> None:
    session = Browser(app).sign_in("anton@example.com")
    assert session.get("/account").status_code == 200
    owner.post(f"/users/{anton.id}/deactivation")
    assert session.get("/account").status_code == 303


def test_a_token_is_refused_at_the_next_request(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    token = Api(app, people.token_for(second))
    assert token.get("/users").status_code == 200
    owner.post(f"/users/{second.id}/deactivation")
    assert token.get("/users").status_code == 401


def test_signing_in_is_refused(app: App, owner: Browser, visitor: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deactivation")
    assert visitor.post("/login", email="anton@example.com", password=people.password).status_code == 422


def test_reactivation_restores_access(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deactivation")
    assert owner.get(f"/users/{anton.id}/reactivation").status_code == 200
    assert owner.post(f"/users/{anton.id}/reactivation").status_code == 303
    row = people.row(id=anton.id)
    assert (row["status"], row["deactivated_at"], row["deactivated_by_name"]) == ("active", None, None)
    assert people.audit_trail(anton.id)[-1] == ("user.reactivated", {"status": ["deactivated", "active"]})
    Browser(app).sign_in("anton@example.com")


def test_deactivation_and_reactivation_are_idempotent(owner: Browser, people: People, anton: UserOut) -> None:
    for resource in ("deactivation", "deactivation", "reactivation", "reactivation"):
        assert owner.post(f"/users/{anton.id}/{resource}").status_code == 303
    actions = [action for action, _changes in people.audit_trail(anton.id)]
    assert actions == ["user.created", "user.deactivated", "user.reactivated"]


def test_people_cannot_deactivate_themselves(owner: Browser, people: People) -> None:
    people.create(email="second@example.com", password=people.password, roles=[OWNER])
    before = people.row_counts()
    response = owner.post(f"/users/{people.owner().id}/deactivation")
    assert response.status_code == 403
    assert "You cannot deactivate yourself." in response.text
    assert people.row_counts() == before


def test_the_last_owner_cannot_be_deactivated(app: App, people: People) -> None:
    owner = people.owner()
    people.create(email="invited@example.com", roles=[OWNER])
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="last active owner"):
        deactivate_user(owner.id, by=TESTER)
    assert people.row_counts() == before
    assert people.row(id=owner.id)["status"] == "active"


@pytest.mark.both_engines
def test_of_two_concurrent_deactivations_of_owners_one_is_refused(app: App, people: People) -> None:
    owners = [people.create(password=people.password, roles=[OWNER]).id for _number in range(2)]

    def attempt(user_id: UUID) -> str:
        with app.app_context():
            try:
                return deactivate_user(user_id, by=TESTER).status
            except Forbidden:
                return "refused"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(attempt, owners))
    assert results == ["deactivated", "refused"]


def test_a_member_is_refused(member: Browser, people: People, anton: UserOut) -> None:
    before = people.row_counts()
    assert member.get(f"/users/{anton.id}/deactivation").status_code == 403
    assert member.post(f"/users/{anton.id}/deactivation").status_code == 403
    assert member.post(f"/users/{anton.id}/reactivation").status_code == 403
    assert people.row_counts() == before


def test_a_post_without_csrf_token_is_refused(owner: Browser, people: People, anton: UserOut) -> None:
    assert owner.client.post(f"/users/{anton.id}/deactivation").status_code == 400
    assert people.row(id=anton.id)["status"] == "active"


def test_old_sessions_and_tokens_stay_invalid_after_reactivation(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    session, token = Browser(app).sign_in("second@example.com"), Api(app, people.token_for(second))
    owner.post(f"/users/{second.id}/deactivation")
    owner.post(f"/users/{second.id}/reactivation")
    assert session.get("/account").status_code == 303
    assert token.get("/users").status_code == 401
    assert Browser(app).sign_in("second@example.com").get("/account").status_code == 200
