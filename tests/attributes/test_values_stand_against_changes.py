"""A definition does not change against the values that people have."""

from __future__ import annotations

import pytest

from tests.attributes.conftest import DEPARTMENTS, Catalogue
from tests.factories import People
from webapp.core.errors import Invalid


def test_a_choice_that_somebody_has_stays(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("department", "choice")
    people.create(attributes={"department": "it"})
    people.create(attributes={"department": "it"})
    before = people.row_counts()
    with pytest.raises(Invalid) as refusal:
        catalogue.change(made, choices=DEPARTMENTS[:1])
    assert [str(problem.message) for problem in refusal.value.problems] == [
        "2 people have “it”. Change their values first."
    ]
    assert catalogue.of(made)["choices"] == DEPARTMENTS
    assert people.row_counts() == before


def test_a_choice_that_nobody_has_goes(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("department", "choice")
    people.create(attributes={"department": "it"})
    catalogue.change(made, choices=DEPARTMENTS[1:])
    assert catalogue.of(made)["choices"] == DEPARTMENTS[1:]


def test_the_type_stays_while_somebody_has_a_value(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("age")
    people.create(attributes={"age": "old"})
    with pytest.raises(Invalid, match="Some values are missing or wrong") as refusal:
        catalogue.change(made, kind="number")
    assert str(refusal.value.problems[0].message) == "You cannot change the type because 1 person has a value"
    assert catalogue.of(made)["kind"] == "text"


def test_what_repeats_cannot_become_unique(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("badge")
    for badge in ("A-17", "a-17", "18"):
        people.create(attributes={"badge": badge})
    with pytest.raises(Invalid) as refusal:
        catalogue.change(made, unique=True)
    assert "A-17" in str(refusal.value.problems[0].message)
    assert not catalogue.of(made)["unique"]
    assert people.row_counts()["attribute_keys"] == 0


def test_what_does_not_repeat_becomes_unique_for_all(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("badge")
    people.create(attributes={"badge": "17"})
    people.create()
    catalogue.change(made, unique=True)
    assert people.row_counts()["attribute_keys"] == 1
    with pytest.raises(Exception, match="is already in use"):
        people.create(attributes={"badge": "17"})
    catalogue.change(made, unique=False)
    people.create(attributes={"badge": "17"})
    assert people.row_counts()["attribute_keys"] == 0
