"""What an import plans for each row, and that applying does exactly that."""

from __future__ import annotations

import pytest

from tests.factories import People
from tests.imports.conftest import Importer

ANNA = "email,name,username\nanna@example.com,Anna,anna\n"


def outcomes(result: dict[str, int]) -> dict[str, int]:
    names = ("create", "update", "unchanged", "conflict", "refused", "deactivate")
    return {name: result[name] for name in names if result[name]}


def test_a_dry_run_changes_nothing(importer: Importer, people: People) -> None:
    before = people.row_counts()
    assert outcomes(importer(ANNA + "nobody,Nobody,\n", "--dry-run")) == {"create": 1, "refused": 1}
    assert people.row_counts() == before


def test_a_key_that_is_taken_is_a_conflict_and_a_repeated_one_is_refused(importer: Importer, people: People) -> None:
    people.create(email="taken@example.com")
    text = "email,name\nTaken@example.com,Anna\nnew@example.com,Boris\nNEW@example.com,Clara\n"
    result = importer(text)
    assert [(row["row"], row["outcome"]) for row in result["rows"]] == [(2, "conflict"), (4, "refused")]
    assert "Row 3 has the same e-mail address" in result["rows"][1]["reason"]
    assert people.row(email="new@example.com")


def test_a_username_that_is_taken_is_a_conflict(importer: Importer, people: People) -> None:
    people.create(username="anna")
    assert outcomes(importer(ANNA)) == {"conflict": 1}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("create", {"create": 1, "conflict": 2}),
        ("update", {"update": 1, "unchanged": 1, "refused": 1}),
        ("upsert", {"create": 1, "update": 1, "unchanged": 1}),
    ],
)
def test_modes(importer: Importer, people: People, mode: str, expected: dict[str, int]) -> None:
    people.create(email="anna@example.com", name="Anna")
    people.create(email="boris@example.com", name="Boris")
    text = "email,name\nanna@example.com,Anna\nboris@example.com,Boris Petrov\nclara@example.com,Clara\n"
    assert outcomes(importer(text, "--mode", mode)) == expected
    names = {"create": "Boris", "update": "Boris Petrov", "upsert": "Boris Petrov"}
    assert people.row(email="boris@example.com")["name"] == names[mode]  # type: ignore[index]  the row exists
    assert bool(people.row(email="clara@example.com")) == (mode != "update")


def test_people_are_found_by_username_and_get_another_address(importer: Importer, people: People) -> None:
    person = people.create(email="old@example.com", name="Anna", username="anna")
    assert outcomes(importer(ANNA, "--mode", "update", "--key", "username")) == {"update": 1}
    assert people.row(id=person.id)["email"] == "anna@example.com"  # type: ignore[index]  the row exists


def test_an_unknown_key_is_refused(importer: Importer, people: People) -> None:
    importer.file.write_text(ANNA)
    arguments = ["users", "import", str(importer.file), "--key", "attr.nothing"]
    result = importer.app.test_cli_runner().invoke(args=arguments)
    assert (result.exit_code, "must exist and be unique" in result.stderr) == (1, True)


def test_each_new_person_has_an_audit_record_of_the_import(importer: Importer, people: People) -> None:
    importer(ANNA)
    person = people.row(email="anna@example.com")
    assert person
    changes = {"email": [None, "anna@example.com"], "username": [None, "anna"], "name": [None, "Anna"]}
    assert people.audit_trail(person["id"]) == [("user.created", changes)]
