"""Columns of a file that are called like an attribute, by its key or its name in either language."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.attributes.conftest import Catalogue
from tests.factories import People
from webapp.web.api import App

HEAD = "email,name,"


def imported(app: App, folder: Path, *lines: str) -> Result:
    file = folder / "people.csv"
    file.write_text("\n".join(lines))
    return app.test_cli_runner().invoke(args=["users", "import", str(file)])


@pytest.mark.parametrize("heading", ["start_date", "Start Date", "Дата начала", "attributes.start_date"])
def test_a_column_is_known_by_key_and_name(
    app: App, people: People, catalogue: Catalogue, tmp_path: Path, heading: str
) -> None:
    catalogue.define("start_date", "date", label_en="Start date", label_ru="Дата начала")
    result = imported(app, tmp_path, HEAD + heading, "anna@example.com,Anna,24.11.2026")
    assert result.exit_code == 0, result.output
    assert people.row(email="anna@example.com")["attributes"] == {"start_date": "2026-11-24"}


def test_cells_are_read_as_people_write_them(app: App, people: People, catalogue: Catalogue, tmp_path: Path) -> None:
    people.create(email="boss@example.com", username="boss")
    for key, kind in (
        ("unit", "choice"),
        ("hours", "number"),
        ("away", "yes_no"),
        ("boss", "person"),
        ("room", "text"),
    ):
        catalogue.define(key, kind)
    imported(app, tmp_path, HEAD + "unit,hours,away,boss,room", 'anna@example.com,Anna,ПРОДАЖИ,"37,5",да,boss,')
    kept = people.row(email="anna@example.com")["attributes"]
    assert kept.pop("boss") == str(people.row(email="boss@example.com")["id"])
    assert kept == {"unit": "sales", "hours": 37.5, "away": True}


def test_what_is_wrong_is_told_with_its_row(app: App, people: People, catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.define("hours", "number", label_en="Hours", required=True)
    lines = ("a@example.com,A,many", "no,B,", "c@example.com,C,8")
    result = imported(app, tmp_path, HEAD + "hours", *lines)
    assert "row 2: 'a@example.com' refused: Hours must be a number" in result.output
    assert "Enter a value for Hours" in result.output
    assert people.count() == 1


def test_an_unknown_column_is_named(app: App, catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.delete(catalogue.define("hours", "number"))
    result = imported(app, tmp_path, HEAD + "hours", "a@example.com,A,8")
    assert "No field for: hours." in result.output
    assert result.exit_code == 0
