"""Files of other systems, and files that failed in trials, are read as their expectations say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.imports.reading import DATA, attribute, recognised, rows_of
from webapp.attributes.models import Kind

SYSTEMS = json.loads((DATA / "systems" / "expected.json").read_text())
TRIALS = json.loads((DATA / "trials" / "expected.json").read_text())
FORMATS = {
    "plain.csv": "csv",
    "google-workspace.csv": "google",
    "entra-export.csv": "entra",
    "kadry-cp1251.csv": "csv",
    "django-dumpdata.json": "django",
    "keycloak-realm.json": "keycloak",
    "directory.ldif": "ldif",
}


@pytest.mark.parametrize("name", FORMATS)
def test_everyone_in_a_file_of_another_system_is_read(name: str) -> None:
    content, expected = (DATA / "systems" / name).read_bytes(), SYSTEMS[name]
    rows = rows_of(content)
    assert recognised(content).format == FORMATS[name]
    assert len(rows) == expected["create"]
    assert all(row.email and "@" in row.email and row.name and not row.problems for row in rows)
    assert sum(row.status == "deactivated" for row in rows) == expected.get("deactivated", 0)


@pytest.mark.parametrize("name", [name for name, expected in TRIALS.items() if "create" in expected])
def test_a_file_of_a_trial_is_read(name: str) -> None:
    rows = rows_of((DATA / "trials" / name).read_bytes(), filename=name)
    good = [[row.email, row.name] for row in rows if not row.problems]
    assert good == TRIALS[name]["create"]
    assert len(rows) - len(good) == TRIALS[name].get("refused_rows", 0)


def test_two_encodings_are_offered_if_both_give_letters() -> None:
    info = recognised((DATA / "trials" / "two-encodings.csv").read_bytes())
    assert list(info.encodings) == TRIALS["two-encodings.csv"]["ask"]


def test_values_that_a_spreadsheet_made_are_read_by_column_type() -> None:
    attributes = [attribute("start", Kind.DATE), attribute("remote", Kind.YES_NO), attribute("cost", Kind.NUMBER)]
    first, second = rows_of((DATA / "trials" / "spreadsheet-values.csv").read_bytes(), attributes=attributes)
    assert first.attributes["start"] == second.attributes["start"] == TRIALS["spreadsheet-values.csv"]["dates"]
    assert first.attributes["remote"] == second.attributes["remote"] == "yes"
    assert second.attributes["cost"] == "1234.50"
    assert not second.problems
    assert "can mean two numbers" in first.problems[0]


def test_the_rows_of_a_file_with_faults_keep_their_numbers() -> None:
    rows: dict[Any, Any] = {row.number: row for row in rows_of((DATA / "systems" / "faults.csv").read_bytes())}
    assert sorted(rows) == [*range(2, 14)]
    assert rows[7].name == '=HYPERLINK("http://x")'
    assert rows[11].name == 'Ok "Quoted"\nTwo Lines'
    assert "4 cells" in rows[12].problems[0]
    assert (rows[13].email, rows[13].name) == ("short@example.com", None)
