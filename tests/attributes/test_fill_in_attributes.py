"""Attributes in the forms, on the page and in the audit trail of a user."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.attributes.conftest import Catalogue, set_value, values
from tests.clients import Browser
from tests.factories import People

KINDS = ("text", "number", "date", "choice", "yes_no", "person")


@pytest.fixture
def one_of_each(catalogue: Catalogue) -> None:
    for kind in KINDS:
        catalogue.define(f"a_{kind}", kind)


def add_user(browser: Browser, **attributes: str) -> Any:
    fields = {f"attributes.{key}": value for key, value in attributes.items()}
    return browser.post("/users", name="Anna Petrova", email="anna@example.com", **fields)


@pytest.mark.usefixtures("one_of_each")
def test_values_are_saved_by_type(owner: Browser, people: People) -> None:
    manager = people.create(email="boss@example.com", name="The Boss")
    texts = {"text": "  Bureau  12 🎉", "number": "1 234,5", "date": "2026-11-24", "choice": "it", "yes_no": "no"}
    response = add_user(owner, **{f"a_{kind}": value for kind, value in texts.items()}, a_person="boss@example.com")
    assert response.status_code == 303
    assert people.row(email="anna@example.com")["attributes"] == {
        "a_text": "Bureau 12 🎉",
        "a_number": 1234.5,
        "a_date": "2026-11-24",
        "a_choice": "it",
        "a_yes_no": False,
        "a_person": str(manager.id),
    }
    page = owner.get(response.location).text
    for shown in ("Bureau 12 🎉", "1,234.5", "Nov 24, 2026", ">IT<", ">The Boss<"):
        assert shown in page
    assert "ИТ" in owner.get(response.location + "?lang=ru").text


@pytest.mark.one_engine
@pytest.mark.usefixtures("one_of_each")
def test_each_input_has_the_type_of_its_kind(owner: Browser) -> None:
    page = owner.get("/users/new").text
    inputs = {kind: re.search(rf'<input [^>]*name="attributes.a_{kind}"[^>]*>', page) for kind in KINDS}
    types = {kind: re.findall(r'type="([^"]*)"', found[0]) for kind, found in inputs.items() if found}
    assert types == {"text": ["text"], "number": ["text"], "date": ["date"], "person": ["text"]}
    assert not re.search(r' (type|inputmode|spellcheck)=""', page)


@pytest.mark.one_engine
@pytest.mark.usefixtures("one_of_each")
def test_the_form_shows_the_values(owner: Browser, people: People) -> None:
    boss = people.create(email="boss@example.com")
    attributes = {"a_text": "Bureau", "a_number": 7, "a_choice": "it", "a_yes_no": True, "a_person": str(boss.id)}
    user = people.create(attributes=attributes)
    page = owner.get(f"/users/{user.id}/edit").text
    for shown in ('value="Bureau"', 'value="7"', 'selected value="it"', 'selected value="yes"', "boss@example.com"):
        assert shown in page


@pytest.mark.one_engine
def test_each_changed_value_is_recorded(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge")
    catalogue.define("away", "yes_no")
    user = people.create(attributes={"badge": "17"})
    fields = {"name": user.name, "email": user.email, "version": "1", "attributes.away": "yes", "attributes.badge": ""}
    assert owner.post(f"/users/{user.id}", **fields).status_code == 303
    assert people.audit_trail(user.id)[-1] == (
        "user.updated",
        {"attributes.away": [None, "yes"], "attributes.badge": ["17", None]},
    )
    page = owner.get(f"/users/{user.id}").text
    assert "Badge" in page
    assert "attributes.away" not in page


@pytest.mark.one_engine
def test_values_that_are_not_submitted_stay(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge")
    user = people.create(attributes={"badge": "17"})
    owner.post(f"/users/{user.id}", name="New Name", email=user.email, version="1")
    assert values(people, user.id) == {"badge": "17"}


@pytest.mark.one_engine
def test_unchanged_values_are_not_recorded(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("away", "yes_no")
    catalogue.define("size", "number")
    user = people.create(attributes={"away": True, "size": 1})
    fields = {"attributes.away": "yes", "attributes.size": "1.0"}
    owner.post(f"/users/{user.id}", name=user.name, email=user.email, version="1", **fields)
    assert [action for action, _changes in people.audit_trail(user.id)] == ["user.created"]


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "x" * 501),
        ("text", "nul\x00"),
        ("text", "\u202eevil"),
        ("number", "ten"),
        ("number", "1e400"),
        ("number", "NaN"),
        ("number", "9" * 400),
        ("number", "1000000000000001"),
        ("date", "yesterday"),
        ("date", "2026-02-30"),
        ("date", "2026-W01-1"),
        ("choice", "hr"),
        ("yes_no", "maybe"),
        ("person", "nobody@example.com"),
        ("person", "\x00"),
    ],
)
def test_an_invalid_value_is_explained_at_its_field(
    owner: Browser, catalogue: Catalogue, people: People, kind: str, text: str
) -> None:
    catalogue.define("it", kind)
    before = people.row_counts()
    response = add_user(owner, it=text)
    assert response.status_code == 422
    assert 'id="attributes.it-error"' in response.text
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_all_problems_are_shown_at_once(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("size", "number")
    fields = {"attributes.size": "ten"}
    page = owner.post("/users", name="", email="no", **fields).text
    assert all(f'id="{name}-error"' in page for name in ("name", "email", "attributes.size"))


@pytest.mark.one_engine
def test_a_required_value_must_be_entered(owner: Browser, catalogue: Catalogue, people: People) -> None:
    user = people.create()
    catalogue.define("badge", required=True)
    assert "Enter a value for Badge" in add_user(owner, badge=" ").text
    fields = {"name": "New", "email": user.email, "version": "1", "attributes.badge": ""}
    assert owner.post(f"/users/{user.id}", **fields).status_code == 422
    assert people.row(id=user.id)["name"] == user.name
    assert owner.post(f"/users/{user.id}", **fields | {"attributes.badge": "17"}).status_code == 303


def test_making_an_attribute_required_shows_how_many_people_have_no_value(
    owner: Browser, catalogue: Catalogue, people: People
) -> None:
    attribute_id = catalogue.define("badge")
    people.create(attributes={"badge": "17"})
    form = {"label_en": "Badge", "label_ru": "Пропуск", "kind": "text", "required": "y", "version": "1"}
    owner.post(f"/settings/attributes/{attribute_id}", **form, visible_to="staff", editable_by="staff")
    assert "1 person has no value yet." in owner.get("/settings/attributes").text


@pytest.mark.one_engine
def test_a_stale_edit_shows_both_values(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge")
    user = people.create(attributes={"badge": "17"})
    fields = {"name": user.name, "email": user.email, "version": "1"}
    owner.post(f"/users/{user.id}", **fields, **{"attributes.badge": "18"})
    response = owner.post(f"/users/{user.id}", **fields, **{"attributes.badge": "19"})
    assert response.status_code == 409
    assert ">18<" in response.text
    assert values(people, user.id) == {"badge": "18"}


@pytest.mark.one_engine
def test_a_stale_edit_shows_the_typed_name_of_a_person(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("boss", "person")
    user, boss = people.create(), people.create(email="boss@example.com")
    fields = {"name": user.name, "email": user.email, "version": "1"}
    assert owner.post(f"/users/{user.id}", **fields, **{"attributes.boss": "boss@example.com"}).status_code == 303
    response = owner.post(f"/users/{user.id}", **fields, **{"attributes.boss": "olga@example.com"})
    assert response.status_code == 409
    assert "olga@example.com" in response.text
    assert values(people, user.id) == {"boss": str(boss.id)}


@pytest.mark.one_engine
def test_values_of_a_deleted_attribute_are_kept_but_hidden(
    owner: Browser, catalogue: Catalogue, people: People
) -> None:
    attribute_id = catalogue.define("badge")
    user = people.create(attributes={"badge": "No 17"})
    catalogue.delete(attribute_id)
    owner.post(f"/users/{user.id}", name="New Name", email=user.email, version="1", **{"attributes.badge": "18"})
    assert "attributes.badge" not in owner.get(f"/users/{user.id}/edit").text
    assert values(people, user.id) == {"badge": "No 17"}
    catalogue.restore(attribute_id)
    assert 'value="No 17"' in owner.get(f"/users/{user.id}/edit").text


@pytest.mark.one_engine
def test_a_value_of_an_erased_person_shows_no_name(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("boss", "person")
    user = people.create(attributes={"boss": str(people.owner().id)})
    set_value(people.app, user.id, "boss", "01a20c33-7cd6-70ee-b0a1-652ec903b536")
    assert "Erased user" in owner.get(f"/users/{user.id}").text
    assert owner.get(f"/users/{user.id}/edit").status_code == 200


def test_a_change_of_values_can_be_undone(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("away", "yes_no")
    catalogue.define("size", "number")
    user = people.create(attributes={"away": True, "size": 1.5})
    fields = {"name": user.name, "email": user.email, "version": "1"}
    owner.post(f"/users/{user.id}", **fields, **{"attributes.away": "no", "attributes.size": ""})
    [undo] = set(re.findall(r"/audit/[0-9a-f-]+/undo", owner.get(f"/users/{user.id}").text))
    assert owner.post(undo).status_code == 303
    assert values(people, user.id) == {"away": True, "size": 1.5}
