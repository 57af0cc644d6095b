"""flask users import FILE with the files of other systems and of trials."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.imports.reading import DATA
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

SYSTEMS = json.loads((DATA / "systems" / "expected.json").read_text())
TRIALS = json.loads((DATA / "trials" / "expected.json").read_text())


def imported(app: App, name: str, *options: str) -> dict[str, Any]:
    result = app.test_cli_runner().invoke(args=["users", "import", str(DATA / name), "--json", *options])
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name != "faults.csv"])
def test_everyone_of_another_system_is_created(app: App, people: People, visitor: Browser, name: str) -> None:
    expected = SYSTEMS[name]
    outcome = imported(app, f"systems/{name}")
    assert (outcome["create"], outcome["refused"], outcome["rows"]) == (expected["create"], 0, [])
    assert people.count(status="deactivated") == expected.get("deactivated", 0)
    if sign_in := expected.get("sign_in_with"):
        assert visitor.post("/login", **sign_in).status_code == 303


@pytest.mark.parametrize("name", [name for name, expected in TRIALS.items() if "create" in expected])
def test_a_file_of_a_trial_is_imported(app: App, people: People, name: str) -> None:
    outcome = imported(app, f"trials/{name}")
    assert (outcome["create"], outcome["refused"]) == (len(TRIALS[name]["create"]), TRIALS[name].get("refused_rows", 0))
    for email, shown in TRIALS[name]["create"]:
        row = people.row(email=email)
        assert row is not None
        assert row["name"] == shown


def test_an_ambiguous_encoding_is_refused_until_it_is_chosen(app: App, people: People) -> None:
    path = str(DATA / "trials" / "two-encodings.csv")
    result = app.test_cli_runner().invoke(args=["users", "import", path])
    assert (result.exit_code, people.count()) == (1, 0)
    assert "--encoding: cp1252, cp1251" in result.stderr
    assert imported(app, "trials/two-encodings.csv", "--encoding", "cp1251")["create"] == 1
    assert people.row(name="Ц. Kaya")
