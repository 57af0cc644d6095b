"""The list of users as a page and in the API."""

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
def five_users(people: People) -> list[str]:
    """Create five users. Return their names and the owner's in sort order."""
    for name in ("Елена Ёлкина", "Антон Иванов", "Seán O'Neill", "Zoë Quinn", "Bob Stone"):
        people.create(name=name)
    return ["Bob Stone", "Seán O'Neill", "Zoë Quinn", "Антон Иванов", "Елена Ёлкина", "Ольга Смирнова"]


def test_the_list_is_sorted_by_name(api: Api, five_users: list[str]) -> None:
    assert names(api, "/users") == five_users
    assert names(api, "/users?sort=-name") == five_users[::-1]


@pytest.mark.parametrize("sort", ["name", "email", "username", "created", "last_sign_in"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_sort_order_can_be_paged_forwards_and_backwards(
    app: App, api: Api, people: People, sort: str, sign: str
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(7):
        person = people.create(name=f"Same {number % 2}", username=f"u{number}" if number % 3 else None)
        with app.app_context():
            seen = moment + timedelta(days=number) if number % 2 else None
            db.session.execute(update(User).where(User.id == person.id).values(last_sign_in_at=seen))
            db.session.commit()
    expected = [user["id"] for user in api.get(f"/users?sort={sign}{sort}").json["items"]]
    ids, address = [], f"/users?sort={sign}{sort}&limit=3"
    while address:
        page = api.get(address).json
        ids += [user["id"] for user in page["items"]]
        address = page["next"] and f"/users?sort={sign}{sort}&limit=3&after={page['next']}"
    previous = api.get(f"/users?sort={sign}{sort}&limit=3&before={page['previous']}").json
    assert ids == expected
    assert [user["id"] for user in previous["items"]] == expected[3:6]


def test_a_new_row_does_not_shift_the_next_page(api: Api, five_users: list[str], people: People) -> None:
    first = api.get("/users?limit=2").json
    people.create(name="Aaron Aaronson")
    assert names(api, f"/users?limit=2&after={first['next']}") == five_users[2:4]


def test_the_page_before_the_second_row_is_the_full_first_page(api: Api, five_users: list[str]) -> None:
    second = api.get(f"/users?limit=2&after={api.get('/users?limit=1').json['next']}").json
    page = api.get(f"/users?limit=2&before={second['previous']}").json
    assert [user["name"] for user in page["items"]] == five_users[:2]
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
def test_search_matches_parts_of_every_word(api: Api, five_users: list[str], words: str, found: list[str]) -> None:
    assert [user["name"] for user in api.get("/users", query_string={"q": words}).json["items"]] == found


def test_search_finds_a_user_by_id(api: Api, people: People) -> None:
    user = people.create(name="Found By Id")
    assert names(api, f"/users?q={user.id}") == ["Found By Id"]


def test_the_list_can_be_filtered_by_status(api: Api, people: People) -> None:
    people.create(name="Not Yet")
    assert names(api, "/users?status=invited") == ["Not Yet"]
    assert names(api, "/users?status=active") == ["Ольга Смирнова"]
    assert names(api, "/users?status=deactivated") == []


def test_the_count_is_bounded_unless_exact_is_requested(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 3)
    for _number in range(4):
        people.create()
    assert api.get("/users").json["count"] == {"value": 3, "exact": False}
    assert api.get("/users?count=exact").json["count"] == {"value": 5, "exact": True}


def test_the_link_header_contains_the_next_page(api: Api, five_users: list[str]) -> None:
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
        {"count": "all"},
    ],
)
def test_an_invalid_parameter_is_400_with_a_message(api: Api, owner: Browser, parameters: dict[str, str]) -> None:
    response = api.get("/users", query_string=parameters)
    page = owner.get("/users", query_string=parameters)
    assert (response.status_code, page.status_code) == (400, 400)
    assert response.json["detail"]
    assert response.json["request_id"]


def test_a_cursor_of_another_sort_order_is_400(api: Api, five_users: list[str]) -> None:
    cursor = api.get("/users?limit=2&sort=email").json["next"]
    assert api.get(f"/users?limit=2&sort=name&after={cursor}").status_code == 400


@pytest.mark.parametrize(
    ("address", "number"),
    # For a single word of letters, one more statement checks in the index of names whether it has many matches.
    [("/users?status=active&sort=-created", 3), ("/users?q=olga&status=active&sort=-created", 4)],
)
def test_a_page_takes_three_statements_and_a_single_word_four(
    app: App, owner: Browser, address: str, number: int
) -> None:
    with captured_queries(app) as seen:
        assert owner.get(address).status_code == 200
    assert len(seen) == number, seen


def test_the_page_links_to_each_user(owner: Browser, people: People) -> None:
    anton = people.create(name="Антон Иванов")
    page = owner.get("/users").text
    assert f'href="/users/{anton.id}"' in page
    assert "Ольга Смирнова" in page


def test_a_search_without_matches_links_to_all_users(owner: Browser) -> None:
    page = owner.get("/users?q=nobodyatall").text
    assert "nobodyatall" in page
    assert 'href="/users"' in page


def test_names_are_escaped(owner: Browser, people: People) -> None:
    people.create(name="<script>alert(1)</script>")
    page = owner.get("/users?q=script").text
    assert "<script>alert" not in page


def test_a_member_is_refused(member: Browser) -> None:
    assert member.get("/users").status_code == 403


def test_a_count_beyond_the_bound_is_estimated_from_the_statistics(
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
