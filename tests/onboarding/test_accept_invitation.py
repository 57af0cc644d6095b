"""An invited person gives their name and language, chooses a password, and is signed in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.clients import Api, Browser
from tests.factories import PASSWORD, People
from tests.mailbox import Mailbox
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_the_link_leads_to_a_clean_address(visitor: Browser, link: str) -> None:
    response = visitor.get(link)
    assert (response.status_code, response.location) == (303, "/invitation")
    page = visitor.get("/invitation").text
    assert "anton@example.com" in page
    assert 'value="Anton Ivanov"' in page
    assert "token=" not in page


def test_following_the_link_changes_nothing(visitor: Browser, people: People, link: str) -> None:
    before = people.row_counts()
    for path in (link, "/invitation", "/invitation/password"):
        visitor.get(path)
    assert people.row_counts() == before


def test_name_language_and_password_are_saved(invited: Browser, people: People, anton: UserOut) -> None:
    response = invited.post("/invitation", name="Антон Иванов", locale="ru")
    assert (response.status_code, response.location) == (303, "/invitation/password")
    assert "Придумайте пароль" in invited.get("/invitation/password").text
    response = invited.post("/invitation/password", password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/")
    row = people.row(id=anton.id)
    assert (row["name"], row["locale"], row["status"]) == ("Антон Иванов", "ru", "active")
    assert row["password_change_required"] is False
    assert [action for action, _changes in people.audit_trail(anton.id)][2:] == [
        "user.updated",
        "invitation.accepted",
        "password.changed",
        "session.started",
    ]


def test_the_person_is_signed_in_and_can_sign_in_again(app: App, invited: Browser) -> None:
    invited.post("/invitation/password", password=PASSWORD)
    assert "Anton Ivanov" in invited.get("/account").text
    Browser(app).sign_in("anton@example.com")


def test_a_password_alone_keeps_name_and_language(invited: Browser, people: People, anton: UserOut) -> None:
    invited.post("/invitation/password", password=PASSWORD)
    row = people.row(id=anton.id)
    assert (row["name"], row["locale"]) == ("Anton Ivanov", None)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/invitation", {"name": "", "locale": "en"}),
        ("/invitation", {"name": "x" * 1000, "locale": "en"}),
        ("/invitation", {"name": "A\x00", "locale": "en"}),
        ("/invitation", {"name": "A\u202eB", "locale": "en"}),
        ("/invitation", {"name": "Anton", "locale": "xx"}),
        ("/invitation", {}),
        ("/invitation/password", {"password": "short"}),
        ("/invitation/password", {"password": "anton@example.com"}),
        ("/invitation/password", {"password": "x" * 2000}),
        ("/invitation/password", {}),
    ],
)
def test_wrong_values_are_refused(invited: Browser, people: People, path: str, fields: dict[str, str]) -> None:
    before = people.row_counts()
    response = invited.post(path, **fields)
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_of_many_uses_at_once_one_succeeds(app: App, people: People, anton: UserOut, link: str) -> None:
    count = 20
    barrier = Barrier(count, timeout=300)

    def attempt(_number: int) -> int:
        browser = Browser(app)
        browser.get(link)
        token = browser.csrf_token()
        barrier.wait()
        return browser.client.post("/invitation/password", data={"password": PASSWORD, "csrf_token": token}).status_code

    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(attempt, range(count)))
    # 503: too many threads hash passwords.
    assert answers.count(303) == 1
    assert set(answers) <= {303, 410, 503}
    trail = [action for action, _changes in people.audit_trail(anton.id)]
    assert trail.count("invitation.accepted") == trail.count("session.started") == 1


def test_someone_else_who_is_signed_in_is_signed_out(owner: Browser, people: People, link: str) -> None:
    owner.get(link)
    owner.post("/invitation/password", password=PASSWORD)
    assert "Anton Ivanov" in owner.get("/account").text
    assert people.audit_trail(people.owner().id)[-1][0] == "session.ended"


def test_the_pages_are_in_the_language_of_the_person(api: Api, visitor: Browser, mailbox: Mailbox) -> None:
    api.post("/users", {"email": "b@example.com", "name": "Борис", "locale": "ru"})
    visitor.get(mailbox.link("b@example.com"))
    assert "Добро пожаловать" in visitor.get("/invitation").text
    assert "Welcome" in visitor.get("/invitation?lang=en").text
