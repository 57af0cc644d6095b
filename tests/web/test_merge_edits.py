"""Two people edit the same row at once. The second change is merged with the first, field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.attributes.conftest import Catalogue
from tests.clients import Browser
from tests.factories import People
from tests.form_fields import form_fields
from webapp.access.models import Group, Role
from webapp.attributes.models import Attribute
from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

Opened = Callable[[str], dict[str, Any]]
ChangeSettings = Callable[..., None]


@pytest.fixture
def catalogue(app: App, people: People) -> Catalogue:
    return Catalogue(app, people)


@pytest.fixture
def opened(owner: Browser) -> Opened:
    """Return a function that opens the edit form of a path and returns its fields."""
    return lambda path: form_fields(owner.get(f"{path}/edit").text, path)


def columns_of(app: App, model: Any, row_id: UUID, *names: str) -> list[Any]:
    with app.app_context():
        row = db.session.get_one(model, row_id)
        return [getattr(row, name) for name in names]


def test_fields_that_the_second_person_left_alone_keep_the_newer_value(
    owner: Browser, people: People, opened: Opened
) -> None:
    user = people.create(name="Anna", email="anna@example.com", username="anna")
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    assert owner.post(path, **first | {"name": "Anna Petrova"}).status_code == 303
    assert owner.post(path, **second | {"username": "petrova"}).status_code == 303
    row = people.row(id=user.id)
    assert (row["name"], row["username"]) == ("Anna Petrova", "petrova")
    assert people.audit_trail(user.id)[-1] == ("user.updated", {"username": ["anna", "petrova"]})


def test_a_conflict_asks_only_about_the_fields_that_both_changed(
    owner: Browser, people: People, opened: Opened
) -> None:
    user = people.create(name="Anna", email="anna@example.com", username="anna")
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    owner.post(path, **first | {"name": "Anna Theirs", "email": "theirs@example.com"})
    before = people.row_counts(), people.row(id=user.id)
    answer = owner.post(path, **second | {"name": "Anna Mine", "username": "mine"})
    assert answer.status_code == 409
    assert (people.row_counts(), people.row(id=user.id)) == before
    asked = form_fields(answer.text, path)
    assert asked["conflict"] == "name"
    assert 'name="keep.name"' in answer.text
    assert 'name="keep.email"' not in answer.text
    assert "Anna Theirs" in answer.text
    assert "Anna Mine" in answer.text

    assert owner.post(path, **asked | {"keep.name": "mine"}).status_code == 303
    row = people.row(id=user.id)
    assert (row["name"], row["email"], row["username"]) == ("Anna Mine", "theirs@example.com", "mine")


@pytest.mark.parametrize("choice", [{"keep.name": "theirs"}, {}], ids=["saved value", "no choice"])
def test_the_saved_value_stays_unless_the_second_person_chooses_theirs(
    owner: Browser, people: People, opened: Opened, choice: dict[str, str]
) -> None:
    user = people.create(name="Anna", username="anna")
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    owner.post(path, **first | {"name": "Anna Theirs"})
    asked = form_fields(owner.post(path, **second | {"name": "Anna Mine", "username": "mine"}).text, path)
    assert owner.post(path, **asked | choice).status_code == 303
    row = people.row(id=user.id)
    assert (row["name"], row["username"]) == ("Anna Theirs", "mine")


def test_a_third_change_during_the_conflict_is_merged_too(owner: Browser, people: People, opened: Opened) -> None:
    user = people.create(name="Anna", username="anna")
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    owner.post(path, **first | {"name": "Anna Theirs"})
    asked = form_fields(owner.post(path, **second | {"name": "Anna Mine"}).text, path)
    owner.post(path, **opened(path) | {"username": "third"})
    assert owner.post(path, **asked | {"keep.name": "mine"}).status_code == 303
    row = people.row(id=user.id)
    assert (row["name"], row["username"]) == ("Anna Mine", "third")


def test_a_change_of_both_people_to_the_same_value_is_no_conflict(
    owner: Browser, people: People, opened: Opened
) -> None:
    user = people.create(name="Anna")
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    owner.post(path, **first | {"name": "Anna Petrova"})
    assert owner.post(path, **second | {"name": " Anna Petrova "}).status_code == 303
    assert len(people.audit_trail(user.id)) == 2


def test_the_conflict_page_asks_for_the_reason(
    owner: Browser, people: People, opened: Opened, change_settings: ChangeSettings
) -> None:
    change_settings(reason_required=("user.updated",))
    user = people.create(name="Anna")
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    owner.post(path, **first | {"name": "Anna Theirs", "reason": "Married"})
    answer = owner.post(path, **second | {"name": "Anna Mine", "reason": "Typing error"})
    asked = form_fields(answer.text, path)
    assert asked["reason"] == "Typing error"
    assert owner.post(path, **asked | {"keep.name": "mine", "reason": ""}).status_code == 422
    assert people.row(id=user.id)["name"] == "Anna Theirs"
    assert owner.post(path, **asked | {"keep.name": "mine"}).status_code == 303


def test_a_new_password_is_not_sent_back_but_asked_for_again(owner: Browser, people: People, opened: Opened) -> None:
    user = people.create(name="Anna", password=people.password)
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    owner.post(path, **first | {"name": "Anna Theirs"})
    answer = owner.post(path, **second | {"name": "Anna Mine", "password": "новый пароль навсегда"})
    assert "новый пароль" not in answer.text
    assert form_fields(answer.text, path)["password"] == ""
    assert 'name="password"' not in owner.post(path, **second | {"name": "Anna Mine"}).text


def test_the_period_of_access_is_merged(owner: Browser, people: People, opened: Opened) -> None:
    user = people.create(name="Anna")
    path = f"/users/{user.id}"
    first, second, third = opened(path), opened(path), opened(path)
    owner.post(path, **first | {"ends_at": "2040-01-01T12:00"})
    assert owner.post(path, **second | {"name": "Anna Petrova"}).status_code == 303
    assert people.row(id=user.id)["ends_at"].year == 2040
    answer = owner.post(path, **third | {"ends_at": "2041-01-01T12:00"})
    assert answer.status_code == 409
    assert "Jan 1, 2040, 12:00:00" in answer.text
    assert "Jan 1, 2041, 12:00:00" in answer.text


def test_attribute_values_are_merged(owner: Browser, people: People, opened: Opened, catalogue: Catalogue) -> None:
    for key, kind in (("badge", "text"), ("dept", "choice"), ("boss", "person")):
        catalogue.define(key, kind)
    user, boss = people.create(attributes={"badge": "17", "dept": "it"}), people.create(email="boss@example.com")
    path = f"/users/{user.id}"
    first, second, third = opened(path), opened(path), opened(path)
    owner.post(path, **first | {"attributes.badge": "18", "attributes.boss": "boss@example.com"})
    assert owner.post(path, **second | {"attributes.dept": "sales"}).status_code == 303
    assert people.row(id=user.id)["attributes"] == {"badge": "18", "dept": "sales", "boss": str(boss.id)}
    answer = owner.post(path, **third | {"attributes.dept": ""})
    assert answer.status_code == 409
    assert form_fields(answer.text, path)["conflict"] == "attributes.dept"
    assert ">Sales<" in answer.text
    assert ">Not set<" in answer.text


@pytest.mark.parametrize("opened_with", ["", "x", "[]", '{"name": 1}', "[" * 100_000, '{"version": ["1"]}'])
def test_without_the_original_values_each_different_field_is_asked_for(
    owner: Browser, people: People, opened: Opened, opened_with: str
) -> None:
    user = people.create(name="Anna", username="anna")
    path = f"/users/{user.id}"
    fields = opened(path)
    owner.post(path, **fields | {"name": "Anna Theirs"})
    stale = fields | {"opened_with": opened_with, "username": "mine", "conflict": "version"}
    answer = owner.post(path, **stale)
    assert answer.status_code == 409
    assert form_fields(answer.text, path)["conflict"] == ["name", "username"]
    assert people.row(id=user.id)["name"] == "Anna Theirs"


@pytest.mark.both_engines
def test_a_merge_that_is_not_valid_is_refused_with_the_merged_values(
    owner: Browser, people: People, opened: Opened
) -> None:
    user = people.create(name="Anna", username="anna")
    people.create(username="taken")
    path = f"/users/{user.id}"
    first, second = opened(path), opened(path)
    owner.post(path, **first | {"name": "Anna Theirs"})
    answer = owner.post(path, **second | {"username": "taken"})
    assert answer.status_code == 422
    merged = form_fields(answer.text, path)
    assert (merged["name"], merged["username"]) == ("Anna Theirs", "taken")
    assert owner.post(path, **merged | {"username": "free"}).status_code == 303


def test_edits_of_a_group_are_merged(app: App, owner: Browser, access: Access, opened: Opened) -> None:
    north, sales = access.group("Northwind"), access.group("Sales")
    path = f"/groups/{sales}"
    first, second, third = opened(path), opened(path), opened(path)
    assert owner.post(path, **first | {"parent_id": north, "description": "Sells"}).status_code == 303
    assert owner.post(path, **second | {"name": "Vertrieb"}).status_code == 303
    columns = ("name", "description", "parent_id")
    assert columns_of(app, Group, sales, *columns) == ["Vertrieb", "Sells", north]
    answer = owner.post(path, **third | {"name": "Ventes"})
    assert answer.status_code == 409
    assert columns_of(app, Group, sales, *columns) == ["Vertrieb", "Sells", north]
    assert owner.post(path, **form_fields(answer.text, path) | {"keep.name": "mine"}).status_code == 303
    assert columns_of(app, Group, sales, *columns) == ["Ventes", "Sells", north]


def test_permissions_of_a_role_are_merged_one_by_one(app: App, owner: Browser, access: Access, opened: Opened) -> None:
    role = access.role("Payroll", "users.read", "users.export")
    path = f"/roles/{role}"
    first, second, third = opened(path), opened(path), opened(path)
    assert owner.post(path, **first | {"permissions": ["users.read"]}).status_code == 303
    added = ["users.read", "users.export", "users.edit"]
    assert owner.post(path, **second | {"permissions": added, "name": "Paymasters"}).status_code == 303
    assert columns_of(app, Role, role, "name", "permissions") == ["Paymasters", ["users.edit", "users.read"]]
    answer = owner.post(path, **third | {"name": "Clerks"})
    assert answer.status_code == 409
    assert owner.post(path, **form_fields(answer.text, path) | {"keep.name": "mine"}).status_code == 303
    assert columns_of(app, Role, role, "name", "permissions") == ["Clerks", ["users.edit", "users.read"]]


def test_definitions_of_attributes_are_merged(app: App, owner: Browser, catalogue: Catalogue, opened: Opened) -> None:
    attribute = catalogue.define("badge")
    path = f"/settings/attributes/{attribute}"
    first, second, third = opened(path), opened(path), opened(path)
    assert owner.post(path, **first | {"required": "y", "help": "On the card"}).status_code == 303
    assert owner.post(path, **second | {"label_en": "Pass"}).status_code == 303
    assert columns_of(app, Attribute, attribute, "required", "help", "label_en") == [True, "On the card", "Pass"]
    answer = owner.post(path, **third | {"label_en": "Card"})
    assert answer.status_code == 409
    assert owner.post(path, **form_fields(answer.text, path) | {"keep.label_en": "mine"}).status_code == 303
    assert columns_of(app, Attribute, attribute, "required", "help", "label_en") == [True, "On the card", "Card"]


def test_edits_of_a_view_are_merged(app: App, owner: Browser, people: People, opened: Opened) -> None:
    owner.post("/views", name="One", address="status=active")
    with app.app_context():
        view = db.session.scalars(db.select(SavedView.id)).one()
    path = f"/views/{view}"
    first, second, third = opened(path), opened(path), opened(path)
    list_page = owner.get(f"/users?status=invited&view={view}").text
    assert owner.post(path, **first | {"name": "First"}).status_code == 303
    assert owner.post(path, **second | {"shared": "y"}).status_code == 303
    assert owner.post(f"{path}/address", **form_fields(list_page, f"{path}/address")).status_code == 303
    columns = ("name", "shared", "address")
    assert columns_of(app, SavedView, view, *columns) == ["First", True, "sort=name&status=invited"]
    assert owner.post(path, **third | {"name": "Third"}).status_code == 409

    answer = owner.post(f"{path}/address", **form_fields(list_page, f"{path}/address") | {"address": "q=anna"})
    assert answer.status_code == 409
    assert "No password yet" in answer.text
    assert "anna" in answer.text
    assert columns_of(app, SavedView, view, *columns) == ["First", True, "sort=name&status=invited"]


def test_an_account_page_saves_only_what_the_person_changed(
    app: App, people: People, member: Browser, owner: Browser, catalogue: Catalogue
) -> None:
    for key in ("phone", "room"):
        catalogue.define(key, editable_by="themselves")
    someone = people.row(email="member@example.com")
    page = member.get("/account").text
    profile, preferences = (form_fields(page, f"/account/{name}") for name in ("attributes", "preferences"))
    fields = form_fields(owner.get(f"/users/{someone['id']}/edit").text, f"/users/{someone['id']}")
    owner.post(f"/users/{someone['id']}", **fields | {"attributes.room": "12"})
    member.post("/account/preferences", theme="dark")

    assert member.post("/account/attributes", **profile | {"attributes.phone": "112"}).status_code == 303
    assert member.post("/account/preferences", **preferences | {"locale": "ru"}).status_code == 303
    after = people.row(email="member@example.com")
    assert after["attributes"] == {"phone": "112", "room": "12"}
    assert (after["theme"], after["locale"]) == ("dark", "ru")
