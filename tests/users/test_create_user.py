"""Add a user with the form."""

import re

import pytest
from werkzeug.security import check_password_hash

from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANTON = {"name": "Антон Иванов", "email": "anton@example.com", "username": "anton", "password": "перекличка в полдень"}


def test_a_new_user_is_saved_and_shown(owner: Browser, people: People) -> None:
    response = owner.post("/users", **ANTON)
    row = people.row(email="anton@example.com")
    assert (response.status_code, response.location) == (303, f"/users/{row['id']}")
    assert check_password_hash(row["password_hash"], ANTON["password"])
    page = owner.get(response.location).text
    assert "Антон Иванов" in page
    assert "Антон Иванов was added" in page


def test_creating_a_user_is_recorded_in_the_audit_trail(owner: Browser, people: People) -> None:
    owner.post("/users", **ANTON)
    ((action, changes),) = people.audit_trail(people.row(email="anton@example.com")["id"])
    assert (action, changes["email"]) == ("user.created", [None, "anton@example.com"])


@pytest.mark.both_engines
def test_creating_a_user_takes_four_statements_besides_the_audit_record(app: App, owner: Browser) -> None:
    """The statements: session with powers, attributes; then in the transaction, powers and the user."""
    fields = ANTON | {"csrf_token": owner.csrf_token()}
    with captured_queries(app) as seen:
        assert owner.client.post("/users", data=fields).status_code == 303
    statements = [
        statement for statement in seen if not re.search("audit_(records|details|heads|redactions)", statement)
    ]
    assert len(statements) == 4, statements


def test_a_user_without_a_password_is_invited(owner: Browser, people: People) -> None:
    owner.post("/users", **ANTON | {"password": ""})
    row = people.row(email="anton@example.com")
    assert (row["password_hash"], row["status"]) == (None, "invited")


def test_the_form_keeps_the_input_except_the_password(owner: Browser) -> None:
    response = owner.post("/users", **ANTON | {"email": "not-an-address"})
    assert response.status_code == 422
    assert "Enter an e-mail address like name@example.com" in response.text
    assert 'value="Антон Иванов"' in response.text
    assert ANTON["password"] not in response.text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "", "Enter an e-mail address"),
        ("email", "x" * 250 + "@example.com", "at most 254 characters"),
        ("email", "zero\u200bwidth@example.com", "hidden character U+200B"),
        ("email", "аdmin@example.com", "mixes similar letters"),
        ("name", "", "Enter a name"),
        ("name", "   ", "Enter a name"),
        ("name", "x" * 201, "at most 200 characters"),
        ("name", "Anton\u202eIvanov", "hidden character U+202E"),
        ("name", "Anton\x00", "hidden character U+0000"),
        ("name", "Two\nLines", "hidden character U+000A"),
        ("username", "a@b", "Use only letters, digits"),
        ("username", "x", "2 to 64 characters"),
        ("username", "pаypal", "mixes similar letters"),
        ("password", "short", "at least 15 characters"),
        ("password", "x" * 257, "at most 256 characters"),
        ("password", "passwordpassword", "easy to guess"),
        ("password", "anton@example.com", "based on the name or e-mail address"),
    ],
)
def test_invalid_input_is_explained_and_leaves_no_trace(
    owner: Browser, people: People, field: str, value: str, message: str
) -> None:
    before = people.row_counts()
    response = owner.post("/users", **ANTON | {field: value})
    assert response.status_code == 422
    assert message in response.text
    assert people.row_counts() == before


def test_all_problems_are_shown_at_once(owner: Browser) -> None:
    page = owner.post("/users", name="", email="nope", username="a@b", password="short").text
    for message in ("Enter a name", "like name@example.com", "Use only letters", "at least 15"):
        assert message in page


@pytest.mark.both_engines
def test_an_address_in_use_is_shown_as_an_error(owner: Browser, people: People) -> None:
    people.create(email="anton@example.com")
    before = people.row_counts()
    response = owner.post("/users", **ANTON | {"email": "Anton@EXAMPLE.com"})
    assert response.status_code == 422
    assert "This e-mail address is already in use" in response.text
    assert people.row_counts() == before


@pytest.mark.parametrize(
    "name",
    [
        "Seán O'Neill",
        "Мария-Елена де ла Крус",
        "李小龍",
        "🎉 Party",
        "👩\u200d💻 Ada",
        "علی\u200cرضا",
        "Nguyễn Thị Ánh",
        "=SUM(1)",
    ],
)
def test_names_in_all_scripts_are_accepted(owner: Browser, people: People, name: str) -> None:
    assert owner.post("/users", **ANTON | {"name": name}).status_code == 303
    assert people.row(email="anton@example.com")["name"] == name


def test_a_post_without_csrf_token_is_refused(owner: Browser, people: People) -> None:
    response = owner.client.post("/users", data=ANTON)
    assert response.status_code == 400
    assert people.count() == 1


def test_a_visitor_is_redirected_to_the_sign_in_page(visitor: Browser, people: People) -> None:
    response = visitor.post("/users", **ANTON)
    assert (response.status_code, response.location) == (303, "/login")
    assert people.count() == 0


def test_a_member_is_refused(member: Browser, people: People) -> None:
    assert member.get("/users/new").status_code == 403
    assert member.post("/users", **ANTON).status_code == 403
    assert people.count() == 1


def test_markup_in_a_name_is_escaped_on_every_page(owner: Browser, people: People) -> None:
    name = "<b>bold</b><meta http-equiv=refresh>"
    page = owner.get(owner.post("/users", **ANTON | {"name": name}).location).text
    user = people.row(email="anton@example.com")
    for resource in ("deactivation", "reactivation"):
        page += owner.get(f"/users/{user['id']}/{resource}").text
        page += owner.get(owner.post(f"/users/{user['id']}/{resource}").location).text
    form = ANTON | {"name": name + "!", "version": str(people.row(id=user["id"])["version"])}
    page += owner.get(owner.post(f"/users/{user['id']}", **form).location).text + owner.get("/users?q=bold").text
    assert "&lt;b&gt;bold" in page
    assert "<b>bold" not in page
    assert "<meta http-equiv" not in page


@pytest.mark.parametrize("password", ["квартира № 17 у моста", "Cafe\u0301 au lait \ufb01n…", "½ pint of plain ale"])
def test_people_can_sign_in_with_a_password_of_any_unicode_form(
    visitor: Browser, owner: Browser, password: str
) -> None:
    assert owner.post("/users", **ANTON | {"password": password}).status_code == 303
    assert visitor.post("/login", email="anton@example.com", password=password).status_code == 303


def test_an_address_is_escaped_in_its_mailto_link(owner: Browser, people: People) -> None:
    user = people.create(email="x?bcc=evil@example.com")
    assert 'href="mailto:x%3Fbcc%3Devil@example.com"' in owner.get(f"/users/{user.id}").text
