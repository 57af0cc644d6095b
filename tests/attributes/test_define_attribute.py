"""Create attributes: valid and invalid definitions, and permissions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attributes.conftest import Catalogue
from tests.clients import Browser
from tests.factories import People

pytestmark = pytest.mark.one_engine

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


def post_form(browser: Browser, **changes: Any) -> Any:
    return browser.post("/settings/attributes", **FORM | changes)


def test_the_form_creates_an_attribute(owner: Browser, catalogue: Catalogue, people: People) -> None:
    response = post_form(owner)
    assert (response.status_code, response.location) == (303, "/settings/attributes")
    page = owner.get("/settings/attributes").text
    assert "Department" in page
    assert catalogue.keys() == ["department"]


def test_a_choice_without_labels_is_labelled_by_its_value(owner: Browser, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define(
        "d", "choice", choices=[{"value": "it"}, {"value": "x", "label_en": "X", "label_ru": "Икс"}]
    )
    assert catalogue.row(attribute_id)["choices"] == [
        {"value": "it", "label_en": "it", "label_ru": "it"},
        {"value": "x", "label_en": "X", "label_ru": "Икс"},
    ]


@pytest.mark.both_engines
def test_a_new_attribute_is_recorded(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("badge", unique=True)
    [(action, changes)] = people.audit_trail(attribute_id)
    assert action == "attribute.created"
    assert (changes["key"], changes["unique"]) == ([None, "badge"], [None, "yes"])


def test_labels_are_in_the_viewers_language(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("badge", label_en="Badge", label_ru="Пропуск")
    assert "Пропуск" in owner.get("/settings/attributes?lang=ru").text
    assert "Badge" in owner.get("/settings/attributes?lang=en").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Department"}, "key"),
        ({"key": "1st"}, "key"),
        ({"key": "d" * 41}, "key"),
        ({"key": "отдел"}, "key"),
        ({"key": "a\n"}, "key"),
        ({"key": "", "label_en": "42", "label_ru": ""}, "key"),
        ({"label_en": "", "label_ru": " "}, "label_en"),
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
def test_an_invalid_definition_is_explained_at_its_field(
    owner: Browser, people: People, changes: dict[str, str], field: str
) -> None:
    before = people.row_counts()
    response = post_form(owner, **changes)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_all_problems_are_shown_at_once(owner: Browser) -> None:
    wrong = {
        "key": "1",
        "kind": "choice",
        "label_en": "x\x00",
        "label_ru": "x" * 81,
        "help": "x" * 301,
        "visible_to": "x",
    }
    page = post_form(owner, **wrong, unique="y", choices="it\nit\n" + "c\n" * 201).text
    fields = ("key", "label_en", "label_ru", "help", "visible_to", "unique", "choices")
    assert [field for field in fields if f'id="{field}-error"' not in page] == []
    assert "This choice is listed twice" in page
    assert "Enter at most 200 choices" in page


def test_a_used_key_is_shown_together_with_other_problems(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("department", label_en="Unit", label_ru="Часть")
    page = post_form(owner, label_en="x" * 81, choices="").text
    assert all(f'id="{field}-error"' in page for field in ("key", "label_en", "choices"))


def test_the_summary_lists_each_error_once(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("unit", label_en="Department", label_ru="Отдел")
    page = post_form(owner, choices="x" * 81 + "\n" + "y" * 81).text
    assert page.count(">Another attribute already has this name</a>") == 1
    assert page.count("Another attribute already has this name") == 3
    assert page.count(">Use at most 80 characters</a>") == 1


def test_a_key_cannot_be_reused(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.delete(catalogue.define("department"))
    before = people.row_counts()
    response = post_form(owner)
    assert response.status_code == 422
    assert "Keys cannot be reused" in response.text
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_labels_are_unique(owner: Browser, catalogue: Catalogue) -> None:
    catalogue.define("unit", label_en="DEPARTMENT", label_ru="Подразделение")
    assert "Another attribute already has this name" in post_form(owner).text


def test_the_number_of_attributes_is_limited(
    owner: Browser, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.attributes.services.ATTRIBUTES_MAX", 1)
    catalogue.define("first")
    assert post_form(owner).status_code == 422
    assert catalogue.keys() == ["first"]


def test_settings_link_to_attributes(owner: Browser) -> None:
    assert 'href="/settings/attributes"' in owner.get("/settings").text
    assert 'href="/settings"' in owner.get("/account").text


def test_people_without_permission_see_no_link(member: Browser) -> None:
    assert member.get("/settings/attributes").status_code == 403
    assert "/settings" not in member.get("/account").text
