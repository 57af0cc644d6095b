"""Deleting a user, which moves them to the bin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.bin.services import delete_user
from webapp.core.errors import Forbidden
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон Иванов", email="anton@example.com", username="anton", password=people.password)


def test_the_confirmation_says_until_when_the_user_can_be_restored(
    owner: Browser, people: People, anton: UserOut
) -> None:
    page = owner.get(f"/users/{anton.id}/deletion").text
    for text in (
        "Delete <bdi>Антон Иванов</bdi>?",
        "signed out everywhere",
        "Other people can use their e-mail address and username",
        "until <time",
    ):
        assert text in page
    assert people.row(id=anton.id)["deleted_at"] is None


def test_the_row_and_the_audit_trail_say_when_and_by_whom(owner: Browser, people: People, anton: UserOut) -> None:
    response = owner.post(f"/users/{anton.id}/deletion")
    row = people.row(id=anton.id)
    assert (response.status_code, response.location) == (303, f"/users/{anton.id}")
    assert (row["status"], row["deleted_by_name"]) == ("deleted", "Ольга Смирнова")
    assert people.audit_trail(anton.id)[-1] == ("user.deleted", {"status": ["active", "deleted"]})
    page = owner.get(response.location).text
    assert "deleted this user" in page
    assert "Restore…" in page
    assert "Deactivate…" not in page


def test_sessions_and_tokens_end_with_the_next_request(app: App, owner: Browser, people: People) -> None:
    second = people.create(email="second@example.com", password=people.password, roles=[OWNER])
    session, token = Browser(app).sign_in("second@example.com"), Api(app, people.token_for(second))
    owner.post(f"/users/{second.id}/deletion")
    assert session.get("/account").status_code == 303
    assert token.get("/users").status_code == 401
    assert Browser(app).post("/login", email="second@example.com", password=people.password).status_code == 422


def test_email_and_username_are_free_at_once(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deletion")
    other = people.create(name="Other", email="ANTON@example.com", username="Anton", password=people.password)
    Browser(app).sign_in("anton@example.com")
    assert people.row(id=other.id)["last_sign_in_at"] is not None
    assert people.row(id=anton.id)["last_sign_in_at"] is None


def test_two_deleted_users_may_share_an_address(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deletion")
    second = people.create(email="anton@example.com", username="anton")
    assert owner.post(f"/users/{second.id}/deletion").status_code == 303


def test_deleted_users_are_listed_only_in_the_bin(owner: Browser, api: Api, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deletion")
    for query in ("", "?q=anton", f"?q={anton.id}", "?status=active", "?sort=email", "?sort=username"):
        assert f'href="/users/{anton.id}"' not in owner.get(f"/users{query}").text
    for query in ("", "&q=anton", f"&q={anton.id}", "&sort=email", "&sort=-last_sign_in"):
        found = [user["id"] for user in api.get(f"/users?status=deleted{query}").json["items"]]
        assert found == [str(anton.id)]
    assert f'href="/users/{anton.id}"' in owner.get("/users?status=deleted").text


def test_a_search_without_matches_mentions_matches_in_the_bin(owner: Browser, anton: UserOut) -> None:
    assert "deleted person matches" not in owner.get("/users?q=антон").text
    owner.post(f"/users/{anton.id}/deletion")
    page = owner.get("/users?q=антон").text
    assert "1 deleted person matches" in page
    assert "status=deleted" in page
    assert "deleted person matches" not in owner.get("/users?q=nobodyatall").text


def test_a_deleted_user_cannot_be_changed(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/deletion")
    before = people.row_counts()
    assert owner.post(f"/users/{anton.id}/deactivation").status_code == 409
    assert owner.post(f"/users/{anton.id}/reactivation").status_code == 409
    form = {"name": "Else", "email": anton.email, "username": "", "version": 2}
    response = owner.post(f"/users/{anton.id}", **form)
    assert response.status_code == 422
    assert "This user is deleted." in response.text
    assert people.row_counts() == before


def test_a_repeated_request_changes_nothing(owner: Browser, people: People, anton: UserOut) -> None:
    for _attempt in range(2):
        assert owner.post(f"/users/{anton.id}/deletion").status_code == 303
    assert owner.get(f"/users/{anton.id}/deletion").status_code == 303
    assert [action for action, _changes in people.audit_trail(anton.id)] == ["user.created", "user.deleted"]


@pytest.mark.both_engines
def test_two_concurrent_deletions_make_one_record(app: App, people: People, anton: UserOut) -> None:
    barrier = Barrier(2, timeout=300)

    def attempt(_number: int) -> str:
        barrier.wait()
        with app.app_context():
            return delete_user(anton.id, by=TESTER).status

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(attempt, range(2))) == ["deleted", "deleted"]
    assert [action for action, _changes in people.audit_trail(anton.id)] == ["user.created", "user.deleted"]


def test_no_one_can_delete_themselves(owner: Browser, people: People) -> None:
    people.create(email="second@example.com", password=people.password, roles=[OWNER])
    before = people.row_counts()
    response = owner.post(f"/users/{people.owner().id}/deletion")
    assert response.status_code == 403
    assert "You cannot delete yourself." in response.text
    assert people.row_counts() == before
    assert people.row(id=people.owner().id)["status"] == "active"


def test_the_last_owner_cannot_be_deleted(app: App, people: People) -> None:
    owner = people.owner()
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden, match="last active owner"):
        delete_user(owner.id, by=TESTER)
    assert people.row_counts() == before
    assert people.row(id=owner.id)["status"] == "active"


@pytest.mark.both_engines
def test_two_owners_who_delete_each_other_leave_one_owner(app: App, people: People) -> None:
    owners = [people.create(password=people.password, roles=[OWNER]).id for _number in range(2)]

    def attempt(user_id: UUID) -> str:
        with app.app_context():
            try:
                return delete_user(user_id, by=TESTER).status
            except Forbidden:
                return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, owners)) == ["deleted", "refused"]


def test_the_dashboard_does_not_count_deleted_users(owner: Browser, anton: UserOut) -> None:
    assert '<strong class="num">2</strong>' in owner.get("/").text
    owner.post(f"/users/{anton.id}/deletion")
    page = owner.get("/")
    assert page.status_code == 200
    assert '<strong class="num">2</strong>' not in page.text


def test_a_member_cannot_delete(member: Browser, people: People, anton: UserOut) -> None:
    before = people.row_counts()
    for verb in ("deletion", "restoration", "erasure"):
        assert member.get(f"/users/{anton.id}/{verb}").status_code == 403
        assert member.post(f"/users/{anton.id}/{verb}").status_code == 403
    assert people.row_counts() == before


def test_deletion_needs_the_csrf_token(owner: Browser, people: People, anton: UserOut) -> None:
    for verb in ("deletion", "restoration", "erasure"):
        assert owner.client.post(f"/users/{anton.id}/{verb}").status_code == 400
    assert people.row(id=anton.id)["status"] == "active"
