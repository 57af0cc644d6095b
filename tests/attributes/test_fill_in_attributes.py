"""The forms of a person ask for attributes, their page shows them, the trail tells what changed."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from tests.attributes.conftest import Catalogue, set_value
from tests.clients import Browser
from tests.factories import People

KINDS = ("text", "number", "date", "choice", "yes_no", "person")


@pytest.fixture
def one_of_each(catalogue: Catalogue) -> None:
    for kind in KINDS:
        catalogue.define(f"a_{kind}", kind)


def values(people: People, user_id: UUID) -> dict[str, Any]:
    return people.row(id=user_id)["attributes"]


def add(browser: Browser, **given: str) -> Any:
    fields = {f"attributes.{key}": value for key, value in given.items()}
    return browser.post("/users", name="Anna Petrova", email="anna@example.com", **fields)


@pytest.mark.usefixtures("one_of_each")
def test_every_kind_is_kept_as_what_it_is(owner: Browser, people: People) -> None:
    manager = people.create(email="boss@example.com", name="The Boss")
    given = {"text": "  Bureau  12 🎉", "number": "1 234,5", "date": "2026-11-24", "choice": "it", "yes_no": "no"}
    answer = add(owner, **{f"a_{kind}": value for kind, value in given.items()}, a_person="boss@example.com")
    assert answer.status_code == 303
    assert people.row(email="anna@example.com")["attributes"] == {
        "a_text": "Bureau 12 🎉",
        "a_number": 1234.5,
        "a_date": "2026-11-24",
        "a_choice": "it",
        "a_yes_no": False,
        "a_person": str(manager.id),
    }
    page = owner.get(answer.location).text
    for shown in ("Bureau 12 🎉", "1,234.5", "Nov 24, 2026", ">IT<", ">The Boss<"):
        assert shown in page
    assert "ИТ" in owner.get(answer.location + "?lang=ru").text


@pytest.mark.usefixtures("one_of_each")
def test_the_form_holds_what_they_have(owner: Browser, people: People) -> None:
    boss = people.create(email="boss@example.com")
    given = {"a_text": "Bureau", "a_number": 7, "a_choice": "it", "a_yes_no": True, "a_person": str(boss.id)}
    user = people.create(attributes=given)
    page = owner.get(f"/users/{user.id}/edit").text
    for held in ('value="Bureau"', 'value="7"', 'selected value="it"', 'selected value="yes"', "boss@example.com"):
        assert held in page


def test_a_change_is_told_field_by_field(owner: Browser, catalogue: Catalogue, people: People) -> None:
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


def test_what_a_form_does_not_send_stays(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge")
    user = people.create(attributes={"badge": "17"})
    owner.post(f"/users/{user.id}", name="New Name", email=user.email, version="1")
    assert values(people, user.id) == {"badge": "17"}


def test_saving_nothing_new_records_nothing(owner: Browser, catalogue: Catalogue, people: People) -> None:
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
def test_what_it_cannot_be_is_said_beside_its_field(
    owner: Browser, catalogue: Catalogue, people: People, kind: str, text: str
) -> None:
    catalogue.define("it", kind)
    before = people.row_counts()
    answer = add(owner, it=text)
    assert answer.status_code == 422
    assert 'id="attributes.it-error"' in answer.text
    assert people.row_counts() == before


def test_every_problem_is_told_at_once(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("size", "number")
    fields = {"attributes.size": "ten"}
    page = owner.post("/users", name="", email="no", **fields).text
    assert all(f'id="{name}-error"' in page for name in ("name", "email", "attributes.size"))


def test_what_is_required_has_to_be_filled_in(owner: Browser, catalogue: Catalogue, people: People) -> None:
    user = people.create()
    catalogue.define("badge", required=True)
    assert "Enter a value for Badge" in add(owner, badge=" ").text
    fields = {"name": "New", "email": user.email, "version": "1", "attributes.badge": ""}
    assert owner.post(f"/users/{user.id}", **fields).status_code == 422
    assert people.row(id=user.id)["name"] == user.name
    assert owner.post(f"/users/{user.id}", **fields | {"attributes.badge": "17"}).status_code == 303


def test_who_makes_it_required_is_told_how_many_lack_it(owner: Browser, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("badge")
    people.create(attributes={"badge": "17"})
    form = {"label_en": "Badge", "label_ru": "Пропуск", "kind": "text", "required": "y", "version": "1"}
    owner.post(f"/settings/attributes/{made}", **form, visible_to="staff", editable_by="staff")
    assert "1 person has no value yet." in owner.get("/settings/attributes").text


def test_of_two_who_edit_a_person_the_second_sees_both(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge")
    user = people.create(attributes={"badge": "17"})
    fields = {"name": user.name, "email": user.email, "version": "1"}
    owner.post(f"/users/{user.id}", **fields, **{"attributes.badge": "18"})
    answer = owner.post(f"/users/{user.id}", **fields, **{"attributes.badge": "19"})
    assert answer.status_code == 409
    assert ">18<" in answer.text
    assert values(people, user.id) == {"badge": "18"}


def test_a_conflict_shows_a_person_as_the_editor_typed_them(
    owner: Browser, catalogue: Catalogue, people: People
) -> None:
    catalogue.define("boss", "person")
    user, boss = people.create(), people.create(email="boss@example.com")
    fields = {"name": user.name, "email": user.email, "version": "1"}
    assert owner.post(f"/users/{user.id}", **fields, **{"attributes.boss": "boss@example.com"}).status_code == 303
    answer = owner.post(f"/users/{user.id}", **fields, **{"attributes.boss": "olga@example.com"})
    assert answer.status_code == 409
    assert "olga@example.com" in answer.text
    assert values(people, user.id) == {"boss": str(boss.id)}


def test_a_deleted_one_keeps_its_values_out_of_sight(owner: Browser, catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("badge")
    user = people.create(attributes={"badge": "No 17"})
    catalogue.delete(made)
    owner.post(f"/users/{user.id}", name="New Name", email=user.email, version="1", **{"attributes.badge": "18"})
    assert "attributes.badge" not in owner.get(f"/users/{user.id}/edit").text
    assert values(people, user.id) == {"badge": "No 17"}
    catalogue.restore(made)
    assert 'value="No 17"' in owner.get(f"/users/{user.id}/edit").text


def test_a_person_who_was_erased_since_is_not_named(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("boss", "person")
    user = people.create(attributes={"boss": str(people.owner().id)})
    set_value(people.app, user.id, "boss", "01a20c33-7cd6-70ee-b0a1-652ec903b536")
    assert "Erased user" in owner.get(f"/users/{user.id}").text
    assert owner.get(f"/users/{user.id}/edit").status_code == 200


def test_a_change_of_them_can_be_taken_back(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("away", "yes_no")
    catalogue.define("size", "number")
    user = people.create(attributes={"away": True, "size": 1.5})
    fields = {"name": user.name, "email": user.email, "version": "1"}
    owner.post(f"/users/{user.id}", **fields, **{"attributes.away": "no", "attributes.size": ""})
    [undo] = set(re.findall(r"/audit/[0-9a-f-]+/undo", owner.get(f"/users/{user.id}").text))
    assert owner.post(undo).status_code == 303
    assert values(people, user.id) == {"away": True, "size": 1.5}
