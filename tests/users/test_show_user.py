"""The page of a user and their activity."""

from __future__ import annotations

import pytest

from tests.clients import Api, Browser
from tests.factories import PASSWORD, TESTER, People
from tests.query_counter import captured_queries
from webapp.users.services import set_preferences
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_the_page_shows_identity_and_status(owner: Browser, people: People) -> None:
    anton = people.create(name="Антон Иванов", email="anton@example.com", username="anton")
    page = owner.get(f"/users/{anton.id}").text
    for text in ("Антон Иванов", "anton@example.com", "No password yet", str(anton.id)):
        assert text in page


@pytest.mark.parametrize(("password", "statements"), [(PASSWORD, 10), (None, 11)])
def test_the_page_takes_few_statements(
    app: App, owner: Browser, people: People, password: str | None, statements: int
) -> None:
    """One more for people without a password: their invitation."""
    anton = people.create(password=password)
    with captured_queries(app) as seen:
        owner.get(f"/users/{anton.id}")
    assert len(seen) == statements, seen


def test_activity_is_paged(app: App, owner: Browser, people: People) -> None:
    anton = people.create()
    with app.app_context():
        for number in range(5):
            set_preferences(anton.id, locale=["ru", "en"][number % 2], by=TESTER)
    first = owner.get(f"/users/{anton.id}/activity?limit=4").text
    assert "User created" not in first
    following = first.partition("after=")[2].partition('"')[0].replace("&amp;", "&")
    assert "User created" in owner.get(f"/users/{anton.id}/activity?limit=4&after={following}").text


def test_the_api_returns_a_user_with_an_etag(api: Api, people: People) -> None:
    anton = people.create(name="Антон Иванов")
    response = api.get(f"/users/{anton.id}")
    assert (response.status_code, response.json["name"]) == (200, "Антон Иванов")
    assert response.headers["ETag"].startswith('W/"')
    assert response.json["created_at"].endswith("Z")


def test_an_unknown_user_is_404_as_page_and_as_problem(owner: Browser, api: Api) -> None:
    unknown_id = "01a20c33-7cd6-70ee-b0a1-652ec903b536"
    assert owner.get(f"/users/{unknown_id}").status_code == 404
    response = api.get(f"/users/{unknown_id}")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert api.get("/users/not-an-id").status_code == 404


def test_a_member_is_refused(member: Browser, people: People) -> None:
    anton = people.create()
    assert member.get(f"/users/{anton.id}").status_code == 403
    assert member.get(f"/users/{anton.id}/activity").status_code == 403
