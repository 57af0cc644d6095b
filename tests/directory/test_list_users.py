"""The list of users, as page and in the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from tests.clients import Api, Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.dashboard.models import Figure
from webapp.db.session import db
from webapp.lists import count as counting
from webapp.users.models import User
from webapp.web.api import App


def names(api: Api, address: str) -> list[str]:
    return [user["name"] for user in api.get(address).json["items"]]


@pytest.fixture
def five(people: People) -> list[str]:
    """Five people beside the owner; the names of all six in their order."""
    for name in ("Елена Ёлкина", "Антон Иванов", "Seán O'Neill", "Zoë Quinn", "Bob Stone"):
        people.create(name=name)
    return ["Bob Stone", "Seán O'Neill", "Zoë Quinn", "Антон Иванов", "Елена Ёлкина", "Ольга Смирнова"]


def test_it_is_sorted_by_name(api: Api, five: list[str]) -> None:
    assert names(api, "/users") == five
    assert names(api, "/users?sort=-name") == five[::-1]


@pytest.mark.parametrize("sort", ["name", "email", "username", "created", "last_sign_in"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_of_every_sort_go_there_and_back(app: App, api: Api, people: People, sort: str, sign: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(7):
        person = people.create(name=f"Same {number % 2}", username=f"u{number}" if number % 3 else None)
        with app.app_context():
            seen = moment + timedelta(days=number) if number % 2 else None
            db.session.execute(update(User).where(User.id == person.id).values(last_sign_in_at=seen))
            db.session.commit()
    whole = [user["id"] for user in api.get(f"/users?sort={sign}{sort}").json["items"]]
    there, address = [], f"/users?sort={sign}{sort}&limit=3"
    while address:
        page = api.get(address).json
        there += [user["id"] for user in page["items"]]
        address = page["next"] and f"/users?sort={sign}{sort}&limit=3&after={page['next']}"
    back = api.get(f"/users?sort={sign}{sort}&limit=3&before={page['previous']}").json
    assert there == whole
    assert [user["id"] for user in back["items"]] == whole[3:6]


def test_rows_that_come_and_go_move_no_page(api: Api, five: list[str], people: People) -> None:
    first = api.get("/users?limit=2").json
    people.create(name="Aaron Aaronson")
    assert names(api, f"/users?limit=2&after={first['next']}") == five[2:4]


def test_before_the_first_rows_lies_the_whole_first_page(api: Api, five: list[str]) -> None:
    second = api.get(f"/users?limit=2&after={api.get('/users?limit=1').json['next']}").json
    page = api.get(f"/users?limit=2&before={second['previous']}").json
    assert [user["name"] for user in page["items"]] == five[:2]
    assert page["previous"] is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("антон", ["Антон Иванов"]),
        ("ИВАН", ["Антон Иванов"]),
        ("елкин", ["Елена Ёлкина"]),
        ("ёлкин", ["Елена Ёлкина"]),
        ("sean", ["Seán O'Neill"]),
        ("o'neill se", ["Seán O'Neill"]),
        ("stone bob", ["Bob Stone"]),
        ("stone zoe", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("olga@exam", ["Ольга Смирнова"]),
    ],
)
def test_search_finds_every_word_as_part(api: Api, five: list[str], words: str, found: list[str]) -> None:
    assert [user["name"] for user in api.get("/users", query_string={"q": words}).json["items"]] == found


def test_an_id_finds_its_user(api: Api, people: People) -> None:
    user = people.create(name="Found By Id")
    assert names(api, f"/users?q={user.id}") == ["Found By Id"]


def test_the_status_filters(api: Api, people: People) -> None:
    people.create(name="Not Yet")
    assert names(api, "/users?status=invited") == ["Not Yet"]
    assert names(api, "/users?status=active") == ["Ольга Смирнова"]
    assert names(api, "/users?status=deactivated") == []


def test_the_count_is_bounded_and_exact_on_demand(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 3)
    for _number in range(4):
        people.create()
    assert api.get("/users").json["count"] == {"value": 3, "exact": False}
    assert api.get("/users?count=exact").json["count"] == {"value": 5, "exact": True}


def test_links_lead_to_the_neighbouring_pages(api: Api, five: list[str]) -> None:
    page = api.get("/users?limit=2&q=example")
    assert page.headers["Link"].startswith("</api/v1/users?limit=2&q=example&after=")


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "201"},
        {"limit": "1" + "0" * 40},
        {"limit": "ten"},
        {"sort": "password_hash"},
        {"sort": "--name"},
        {"status": "sleeping"},
        {"after": "x"},
        {"after": "a.b.c"},
        {"before": "\x00"},
        {"after": "x" * 5000},
        {"q": "x" * 201},
        {"q": "nul\x00"},
        {"q": "bidi\u202e"},
        {"count": "all"},
    ],
)
def test_a_wrong_parameter_is_400_with_words(api: Api, owner: Browser, parameters: dict[str, str]) -> None:
    answer = api.get("/users", query_string=parameters)
    page = owner.get("/users", query_string=parameters)
    assert (answer.status_code, page.status_code) == (400, 400)
    assert answer.json["detail"]
    assert answer.json["request_id"]


def test_a_cursor_of_another_sort_is_400(api: Api, five: list[str]) -> None:
    cursor = api.get("/users?limit=2&sort=email").json["next"]
    assert api.get(f"/users?limit=2&sort=name&after={cursor}").status_code == 400


@pytest.mark.parametrize(
    ("address", "number"),
    # Of a word of letters, the index of names is read first: does it show more matches than are counted?
    [("/users?status=active&sort=-created", 3), ("/users?q=olga&status=active&sort=-created", 4)],
)
def test_a_page_takes_three_statements_and_a_word_one_more(app: App, owner: Browser, address: str, number: int) -> None:
    with captured_queries(app) as seen:
        assert owner.get(address).status_code == 200
    assert len(seen) == number, seen


def test_the_page_shows_everybody_and_links_to_them(owner: Browser, people: People) -> None:
    anton = people.create(name="Антон Иванов")
    page = owner.get("/users").text
    assert f'href="/users/{anton.id}"' in page
    assert "Ольга Смирнова" in page


def test_no_hit_says_what_to_do_next(owner: Browser) -> None:
    page = owner.get("/users?q=nobodyatall").text
    assert "nobodyatall" in page
    assert 'href="/users"' in page


def test_names_are_escaped(owner: Browser, people: People) -> None:
    people.create(name="<script>alert(1)</script>")
    page = owner.get("/users?q=script").text
    assert "<script>alert" not in page


def test_a_member_may_not_look(member: Browser) -> None:
    assert member.get("/users").status_code == 403


def test_many_are_told_by_the_last_count(
    app: App, owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        people.create(name=f"P{number}")
    monkeypatch.setattr(counting, "COUNT_BOUND", 3)
    assert "3+ people" in owner.get("/users").text
    with app.app_context(), db.session.begin():
        db.session.execute(insert(Figure).values(name="people.status.invited", value=4321, at=datetime.now(UTC)))
    assert "about 4,321 people" in owner.get("/users").text
    assert "about 4,321 people" in owner.get("/users?status=invited").text
    assert "3+ people" in owner.get("/users?never_signed_in=1").text
    assert "5 people" in owner.get("/users?count=exact").text
