"""Managers by their address, also managers that the same file creates, before or after their people."""

from __future__ import annotations

import pytest

from tests.factories import TESTER, People
from tests.imports.conftest import Importer
from webapp.attributes.services import create_attribute
from webapp.web.api import App


@pytest.fixture(autouse=True)
def manager_attribute(app: App) -> None:
    with app.app_context():
        create_attribute(key="manager", kind="person", label_en="Manager", label_ru="Руководитель", by=TESTER)


def manager_of(people: People, email: str) -> object:
    row = people.row(email=email)
    return row and row["attributes"].get("manager")


def test_a_manager_can_stand_below_their_people(importer: Importer, people: People) -> None:
    text = "email,name,manager\nanna@example.com,Anna,boris@example.com\nboris@example.com,Boris,\n"
    assert importer(text)["create"] == 2
    boris = people.row(email="boris@example.com")
    assert boris
    assert manager_of(people, "anna@example.com") == str(boris["id"])
    assert importer(text, "--mode", "upsert")["unchanged"] == 2


def test_an_existing_person_gets_a_new_manager(importer: Importer, people: People) -> None:
    people.create(email="anna@example.com", name="Anna")
    text = "email,name,manager\nanna@example.com,Anna,boris@example.com\nboris@example.com,Boris,\n"
    result = importer(text, "--mode", "upsert")
    assert (result["create"], result["update"]) == (1, 1)
    assert manager_of(people, "anna@example.com")


def test_a_manager_who_does_not_exist_refuses_the_row(importer: Importer, people: People) -> None:
    result = importer("email,name,manager\nanna@example.com,Anna,nobody@example.com\n")
    assert (result["create"], result["refused"]) == (0, 1)
    assert "nobody@example.com does not exist" in result["rows"][0]["reason"]
    assert people.count() == 0
