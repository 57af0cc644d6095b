"""Search finds former e-mail addresses and usernames, and other people can use them."""

from __future__ import annotations

import pytest

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App


@pytest.fixture
def anton(app: App, people: People) -> UserOut:
    """A user who was anton@old.example and Ёжик before.

    The list reads the invitations of people without a password, which takes one more statement.
    """
    names = {"name": "Антон Иванов", "email": "Anton@Old.example", "username": "Ёжик"}
    user = people.create(**names, password=people.password)
    with app.app_context():
        update_user(user.id, email="anton@new.example", username="ivanov", by=TESTER)
    return user


@pytest.mark.parametrize("words", ["anton@old.example", "old.example", "ежик", "антон old", "ivanov ежик"])
def test_search_by_a_former_name_shows_that_it_is_former(
    app: App, owner: Browser, api: Api, anton: UserOut, words: str
) -> None:
    found = api.get("/users", query_string={"q": words}).json["items"]
    assert [user["id"] for user in found] == [str(anton.id)]
    with captured_queries(app) as seen:
        page = owner.get("/users", query_string={"q": words}).text
    assert "formerly" in page
    # A single word of letters needs one more statement, which checks whether it has many matches.
    assert len(seen) == 4 + words.isalpha(), seen


def test_a_match_of_a_current_name_shows_no_former_name(app: App, owner: Browser, anton: UserOut) -> None:
    for words in ("anton", "ivanov", str(anton.id)):
        with captured_queries(app) as seen:
            page = owner.get(f"/users?q={words}").text
        assert str(anton.id) in page
        assert "formerly" not in page
        assert len(seen) == 3 + words.isalpha(), seen


def test_the_page_of_a_user_lists_former_names(owner: Browser, anton: UserOut) -> None:
    page = owner.get(f"/users/{anton.id}").text
    facts = page.partition("Former names")[2].partition("Roles")[0]
    assert "Anton@Old.example" in facts
    assert "Ёжик" in facts


def test_other_people_can_use_a_former_name(owner: Browser, people: People, anton: UserOut) -> None:
    people.create(name="New", email="anton@old.example", username="ёжик")
    page = owner.get("/users?q=anton@old.example").text
    assert page.count('class="person-name"') == 2


def test_another_spelling_makes_no_former_name(app: App, people: People) -> None:
    user = people.create(name="Boris", email="boris@example.com", username="boris")
    with app.app_context():
        update_user(user.id, email="Boris@example.com", username="BORIS", by=TESTER)
    assert people.row_counts()["former_identities"] == 0


def test_a_removed_username_is_a_former_name(app: App, people: People) -> None:
    user = people.create(name="Boris", email="boris@example.com", username="boris")
    with app.app_context():
        update_user(user.id, username=None, by=TESTER)
        update_user(user.id, name="Борис", by=TESTER)
    assert people.row_counts()["former_identities"] == 1
    assert people.row(id=user.id)["search_text"].split("\n") == ["борис", "boris@example.com", "", "", "boris"]


def test_a_refused_change_saves_no_former_name(owner: Browser, people: People, anton: UserOut) -> None:
    people.create(email="taken@example.com")
    before = people.row_counts()
    form = {"name": "Антон", "email": "taken@example.com", "username": "", "version": 2}
    assert owner.post(f"/users/{anton.id}", **form).status_code == 422
    assert people.row_counts() == before
