"""Choices are entered in rows. Buttons change the rows without a script."""

from __future__ import annotations

import pytest

from tests.attributes.conftest import DEPARTMENTS, Catalogue
from tests.clients import Browser
from tests.factories import People
from tests.form_fields import form_fields
from webapp.attributes.queries import live_attributes
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
PATH = "/settings/attributes"
FORM = {"key": "plan", "label_en": "Plan", "kind": "choice", "visible_to": "staff", "editable_by": "staff"}


def rows(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    names = ("value", "label_en", "label_ru")
    return {f"choices.{name}": [row[column] for row in rows] for column, name in enumerate(names)}


def test_rows_are_saved_in_their_order(owner: Browser, app: App) -> None:
    sent = rows(("b", "Basic", "Базовый"), ("", "", ""), ("", "Full", ""), ("none", "", ""))
    assert owner.post(PATH, **FORM, **sent).status_code == 303
    with app.app_context():
        saved = [tuple(choice.values()) for choice in live_attributes()[0].choices]
    assert saved == [("b", "Basic", "Базовый"), ("Full", "Full", "Full"), ("none", "none", "none")]


def test_unchanged_rows_change_nothing(owner: Browser, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("plan", "choice", choices=[{"value": "it"}, *DEPARTMENTS[:1]])
    before = people.row_counts()
    path = f"{PATH}/{attribute_id}"
    assert owner.post(path, **form_fields(owner.get(f"{path}/edit").text, path)).status_code == 303
    assert people.row_counts() == before
    assert catalogue.row(attribute_id)["version"] == 1


@pytest.mark.parametrize(
    ("button", "values"),
    [
        ("add", ["a", "b", ""]),
        ("up-2", ["b", "a", ""]),
        ("up-1", ["a", "b", ""]),
        ("down-1", ["b", "a", ""]),
        ("remove-1", ["b", ""]),
        ("remove-9", ["a", "b", ""]),
        ("remove-²", ["a", "b", ""]),
        ("remove-" + "9" * 5000, ["a", "b", ""]),
        ("explode", ["a", "b", ""]),
    ],
)
def test_a_button_changes_rows_and_saves_nothing(
    owner: Browser, people: People, button: str, values: list[str]
) -> None:
    before = people.row_counts()
    sent = rows(("a", "", ""), ("b", "", ""))
    response = owner.post(PATH, **FORM | {"label_en": ""}, **sent, **{"choices.do": button})
    assert response.status_code == 200
    assert form_fields(response.text, PATH)["choices.value"] == values
    assert people.row_counts() == before


@pytest.mark.parametrize("value", ["a|b", "x" * 81, "nul\x00", "\u202eevil"])
def test_a_wrong_choice_is_explained_and_kept(owner: Browser, people: People, value: str) -> None:
    before = people.row_counts()
    response = owner.post(PATH, **FORM, **rows((value, "", ""), ("b", "", "")))
    assert response.status_code == 422
    assert 'id="choices-error"' in response.text
    assert "b" in form_fields(response.text, PATH)["choices.value"]
    assert people.row_counts() == before
