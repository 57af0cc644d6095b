"""Changes of attributes that would contradict existing values are refused."""

from __future__ import annotations

import pytest

from tests.attributes.conftest import DEPARTMENTS, Catalogue
from tests.clients import Browser
from tests.factories import People
from tests.form_fields import form_fields
from webapp.core.errors import Invalid


def test_a_choice_in_use_cannot_be_removed(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("department", "choice")
    people.create(attributes={"department": "it"})
    people.create(attributes={"department": "it"})
    before = people.row_counts()
    with pytest.raises(Invalid) as refusal:
        catalogue.change(attribute_id, choices=DEPARTMENTS[:1])
    assert [str(problem.message) for problem in refusal.value.problems] == [
        "2 people have “it”. Change their values first."
    ]
    assert catalogue.row(attribute_id)["choices"] == DEPARTMENTS
    assert people.row_counts() == before


def test_an_unused_choice_can_be_removed(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("department", "choice")
    people.create(attributes={"department": "it"})
    catalogue.change(attribute_id, choices=DEPARTMENTS[1:])
    assert catalogue.row(attribute_id)["choices"] == DEPARTMENTS[1:]


def test_the_type_cannot_change_if_there_are_values(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("age")
    people.create(attributes={"age": "old"})
    with pytest.raises(Invalid, match="Some values are missing or wrong") as refusal:
        catalogue.change(attribute_id, kind="number")
    assert str(refusal.value.problems[0].message) == "You cannot change the type because 1 person has a value"
    assert catalogue.row(attribute_id)["kind"] == "text"


def test_an_attribute_with_duplicates_cannot_become_unique(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("badge")
    for badge in ("A-17", "a-17", "18"):
        people.create(attributes={"badge": badge})
    with pytest.raises(Invalid) as refusal:
        catalogue.change(attribute_id, unique=True)
    assert "A-17" in str(refusal.value.problems[0].message)
    assert not catalogue.row(attribute_id)["unique"]
    assert people.row_counts()["attribute_keys"] == 0


def test_an_attribute_without_duplicates_can_become_unique(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("badge")
    people.create(attributes={"badge": "17"})
    people.create()
    catalogue.change(attribute_id, unique=True)
    assert people.row_counts()["attribute_keys"] == 1
    with pytest.raises(Exception, match="is already in use"):
        people.create(attributes={"badge": "17"})
    catalogue.change(attribute_id, unique=False)
    people.create(attributes={"badge": "17"})
    assert people.row_counts()["attribute_keys"] == 0


def test_a_form_shows_conflicts_with_values_together_with_other_problems(
    owner: Browser, catalogue: Catalogue, people: People
) -> None:
    attribute_id = catalogue.define("department", "choice")
    for department in ("it", "sales"):
        people.create(attributes={"department": department})
    path = f"/settings/attributes/{attribute_id}"
    fields = form_fields(owner.get(f"{path}/edit").text, path)
    before = people.row_counts()
    response = owner.post(path, **fields | {"label_en": "", "label_ru": "", "help": "x" * 301, "choices": "other"})
    assert response.status_code == 422
    for message in ("Enter a name", "characters", "1 person has “it”", "1 person has “sales”"):
        assert message in response.text
    assert people.row_counts() == before
