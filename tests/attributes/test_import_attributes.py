"""Import attributes from CSV columns, named by key or by label in either language."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.attributes.conftest import Catalogue
from tests.factories import People
from webapp.web.api import App

HEAD = "email,name,"


def import_csv(app: App, folder: Path, *lines: str) -> Result:
    file = folder / "people.csv"
    file.write_text("\n".join(lines))
    return app.test_cli_runner().invoke(args=["users", "import", str(file)])


@pytest.mark.one_engine
@pytest.mark.parametrize("heading", ["start_date", "Start Date", "Дата начала", "attributes.start_date"])
def test_a_column_is_matched_by_key_or_label(
    app: App, people: People, catalogue: Catalogue, tmp_path: Path, heading: str
) -> None:
    catalogue.define("start_date", "date", label_en="Start date", label_ru="Дата начала")
    result = import_csv(app, tmp_path, HEAD + heading, "anna@example.com,Anna,24.11.2026")
    assert result.exit_code == 0, result.output
    assert people.row(email="anna@example.com")["attributes"] == {"start_date": "2026-11-24"}


def test_cells_are_parsed_like_form_input(app: App, people: People, catalogue: Catalogue, tmp_path: Path) -> None:
    people.create(email="boss@example.com", username="boss")
    for key, kind in (
        ("unit", "choice"),
        ("hours", "number"),
        ("away", "yes_no"),
        ("boss", "person"),
        ("room", "text"),
    ):
        catalogue.define(key, kind)
    import_csv(app, tmp_path, HEAD + "unit,hours,away,boss,room", 'anna@example.com,Anna,ПРОДАЖИ,"37,5",да,boss,')
    values = people.row(email="anna@example.com")["attributes"]
    assert values.pop("boss") == str(people.row(email="boss@example.com")["id"])
    assert values == {"unit": "sales", "hours": 37.5, "away": True}


@pytest.mark.one_engine
def test_errors_name_the_row(app: App, people: People, catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.define("hours", "number", label_en="Hours", required=True)
    lines = ("a@example.com,A,many", "b@example.com,B,", "c@example.com,C,8")
    result = import_csv(app, tmp_path, HEAD + "hours", *lines)
    assert "row 2: 'a@example.com' refused: hours: “many” is not a number" in result.output
    assert "row 3: 'b@example.com' refused: Enter a value for Hours" in result.output
    assert people.count() == 1


@pytest.mark.one_engine
def test_an_unknown_column_is_reported(app: App, catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.delete(catalogue.define("hours", "number"))
    result = import_csv(app, tmp_path, HEAD + "hours", "a@example.com,A,8")
    assert "No field for: hours." in result.output
    assert result.exit_code == 0
