"""Making an attribute: what it becomes, what it may not be, and who may make one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attributes.conftest import Catalogue
from tests.clients import Browser
from tests.factories import People

FORM = {
    "key": "department",
    "label_en": "Department",
    "label_ru": "Отдел",
    "kind": "choice",
    "choices": "sales | Sales | Продажи\nit\n\n",
    "help": "As in the contract",
    "required": "y",
    "visible_to": "staff",
    "editable_by": "themselves",
}


def make(browser: Browser, **given: Any) -> Any:
    return browser.post("/settings/attributes", **FORM | given)


def test_the_form_makes_one(owner: Browser, catalogue: Catalogue, people: People) -> None:
    answer = make(owner)
    assert (answer.status_code, answer.location) == (303, "/settings/attributes")
    page = owner.get("/settings/attributes").text
    assert "Department" in page
    assert catalogue.keys() == ["department"]


def test_a_choice_without_names_is_called_by_its_value(owner: Browser, catalogue: Catalogue) -> None:
    made = catalogue.define(
        "d", "choice", choices=[{"value": "it"}, {"value": "x", "label_en": "X", "label_ru": "Икс"}]
    )
    assert catalogue.of(made)["choices"] == [
        {"value": "it", "label_en": "it", "label_ru": "it"},
        {"value": "x", "label_en": "X", "label_ru": "Икс"},
    ]


def test_it_is_recorded(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("badge", unique=True)
    [(action, changes)] = people.audit_trail(made)
    assert action == "attribute.created"
    assert (changes["key"], changes["unique"]) == ([None, "badge"], [None, "yes"])


def test_it_is_called_in_the_language_of_whoever_looks(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("badge", label_en="Badge", label_ru="Пропуск")
    assert "Пропуск" in owner.get("/settings/attributes?lang=ru").text
    assert "Badge" in owner.get("/settings/attributes?lang=en").text


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"key": "Department"}, "key"),
        ({"key": "1st"}, "key"),
        ({"key": "d" * 41}, "key"),
        ({"key": "отдел"}, "key"),
        ({"key": "a\n"}, "key"),
        ({"key": ""}, "key"),
        ({"label_en": ""}, "label_en"),
        ({"label_ru": "x" * 81}, "label_ru"),
        ({"label_en": "nul\x00"}, "label_en"),
        ({"label_en": "\u202eevil"}, "label_en"),
        ({"help": "x" * 301}, "help"),
        ({"kind": "blob"}, "kind"),
        ({"choices": ""}, "choices"),
        ({"choices": "it\nIT"}, "choices"),
        ({"choices": "\n".join(f"c{n}" for n in range(201))}, "choices"),
        ({"choices": "x" * 81}, "choices"),
        ({"unique": "y"}, "unique"),
        ({"visible_to": "administrators"}, "editable_by"),
        ({"visible_to": "everyone"}, "visible_to"),
        ({"editable_by": "nobody"}, "editable_by"),
    ],
)
def test_what_it_may_not_be_is_said_beside_its_field(
    owner: Browser, people: People, given: dict[str, str], field: str
) -> None:
    before = people.row_counts()
    answer = make(owner, **given)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert people.row_counts() == before


def test_every_problem_is_told_at_once(owner: Browser) -> None:
    page = make(owner, key="X", kind="blob", label_en="x" * 81).text
    assert all(f'id="{field}-error"' in page for field in ("key", "kind", "label_en"))


def test_a_key_is_never_used_again(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.delete(catalogue.define("department"))
    before = people.row_counts()
    answer = make(owner)
    assert answer.status_code == 422
    assert "Keys cannot be reused" in answer.text
    assert people.row_counts() == before


def test_no_two_are_called_the_same(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("unit", label_en="DEPARTMENT", label_ru="Подразделение")
    assert "Another attribute already has this name" in make(owner).text


def test_there_can_be_so_many(owner: Browser, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.attributes.services.ATTRIBUTES_MAX", 1)
    catalogue.define("first")
    assert make(owner).status_code == 422
    assert catalogue.keys() == ["first"]


def test_settings_lead_there(owner: Browser) -> None:
    assert owner.get("/settings").location == "/settings/attributes"
    assert 'href="/settings/attributes"' in owner.get("/account").text


def test_whoever_may_not_change_settings_sees_no_link(member: Browser) -> None:
    assert member.get("/settings/attributes").status_code == 403
    assert "/settings" not in member.get("/account").text
