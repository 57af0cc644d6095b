"""A condition that is not understood never matches everyone: the page shows a note and no one, the API answers 400."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import People
from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

WITHOUT_SENSE = [
    "status:nope", "-status:nope", "group:nobody", "-group:nobody", "role:nobody", "id:xyz", "created:notaday",
    "created:2026-13-01", "last_sign_in:often", "created:..", "anna status:nope", "status:", "anna -role:",
    " ".join(f"word{number}" for number in range(21)),
]  # fmt: skip


@pytest.fixture(autouse=True)
def anna(people: People) -> None:
    people.create(name="Anna Berg", email="anna@example.com", username="anna")


@pytest.mark.parametrize("text", WITHOUT_SENSE)
def test_the_page_shows_a_note_and_nobody(owner: Browser, text: str) -> None:
    page = owner.get("/users", query_string={"q": text})
    assert page.status_code == 200
    assert "Anna Berg" not in page.text
    assert 'class="search-note' in page.text or "notice" in page.text


@pytest.mark.parametrize("text", WITHOUT_SENSE)
def test_the_api_answers_400(api: Api, text: str) -> None:
    response = api.get("/users", query_string={"q": text})
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, "q")


@pytest.mark.parametrize("text", ["status:nope", "group:nobody", "id:xyz", "created:notaday"])
def test_the_command_refuses_it(app: App, text: str) -> None:
    result = app.test_cli_runner().invoke(args=["users", "list", "--q", text])
    assert (result.exit_code, "anna" in result.output) == (1, False)


@pytest.mark.parametrize(
    "query",
    [
        {"mail": "anna@example.com"}, {"page": "2"}, {"stauts": "active"}, {"Q": "anna"}, {"offset": "1"},
        {"q": ["anna", "berg"]}, {"status": ["active", "invited"]}, {"limit": ["1", "2"]},
    ],
)  # fmt: skip
def test_unknown_and_repeated_parameters_are_400(api: Api, query: dict[str, object]) -> None:
    response = api.get("/users", query_string=query)
    assert (response.status_code, response.json["errors"][0]["field"]) == (400, next(iter(query)))


def test_parameters_of_an_operation_without_any_are_400(api: Api, people: People) -> None:
    assert api.get(f"/users/{people.owner().id}", query_string={"limit": "5"}).status_code == 400


def test_a_saved_view_is_a_parameter_of_the_api(app: App, owner: Browser, api: Api, people: People) -> None:
    people.create(name="Boris Stone")
    owner.post("/views", name="Annas", address="q=anna&sort=-name")
    with app.app_context():
        view_id = db.session.scalars(select(SavedView.id)).one()
    assert [user["name"] for user in api.get(f"/users?view={view_id}").json["items"]] == ["Anna Berg"]
    assert [user["name"] for user in api.get(f"/users?view={view_id}&q=boris").json["items"]] == ["Boris Stone"]
    assert api.get("/users?view=00000000-0000-0000-0000-000000000000").status_code == 404
    assert api.get("/users?view=nope").status_code == 400


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("роль:Владелец", ["Ольга"]), ("role:owner", ["Ольга"]), ("роль:аудитор", []),
        ("created:today", ["Anna", "Ольга"]),
        ("создан:сегодня", ["Anna", "Ольга"]), ("created:yesterday", []), ("created:9999-12-31", []),
        ("статус:приглашённые", ["Anna"]), ("status:active", ["Ольга"]), ("-status:active", ["Anna"]),
    ],
)  # fmt: skip
def test_translated_names_and_days_are_understood(api: Api, text: str, found: list[str]) -> None:
    items = api.get("/users", query_string={"q": text}).json["items"]
    assert sorted(user["name"].split()[0] for user in items) == found


def test_the_command_understands_fields_as_the_page_does(app: App, access: Access, people: People) -> None:
    people.owner()
    run = app.test_cli_runner()
    for text, found in (("роль:Владелец", "olga"), ("username:anna", "anna"), ("status:invited", "anna")):
        result = run.invoke(args=["users", "list", "--q", text])
        assert (result.exit_code, found in result.output) == (0, True), text
