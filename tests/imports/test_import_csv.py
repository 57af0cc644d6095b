"""flask users import FILE."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.clients import Browser
from tests.factories import People
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

DATA = Path(__file__).parent.parent / "data" / "imports"
EXPECTED = json.loads((DATA / "expected.json").read_text())


def imported(app: App, path: Path) -> tuple[Result, dict[str, Any]]:
    result = app.test_cli_runner().invoke(args=["users", "import", str(path), "--json"])
    return result, json.loads(result.stdout)


@pytest.mark.parametrize("name", ["plain.csv", "kadry-cp1251.csv"])
def test_everyone_of_a_real_export_is_listed(app: App, owner: Browser, people: People, name: str) -> None:
    result, outcome = imported(app, DATA / name)
    assert result.exit_code == 0
    assert (outcome["create"], outcome["rows"]) == (EXPECTED[name]["create"], [])
    page = owner.get("/users?limit=200").text
    assert page.count('class="person-mail"') == EXPECTED[name]["create"] + 1


def test_windows_1251_is_decoded(app: App, people: People) -> None:
    imported(app, DATA / "kadry-cp1251.csv")
    row = people.row(email="petr.elkin1654@example.com")
    assert (row["name"], row["username"]) == ("Пётр Ёлкин", "petr.elkin1654")


def test_each_refused_row_has_number_and_reason(app: App, people: People) -> None:
    result, outcome = imported(app, DATA / "faults.csv")
    refused = {row["row"]: row["reason"] for row in outcome["rows"]}
    assert result.exit_code == 1
    assert (
        set(EXPECTED["faults.csv"]["refuse_rows"])
        <= set(refused)
        <= {*EXPECTED["faults.csv"]["refuse_rows"], 11, 12, 13}
    )
    assert all(refused.values())
    assert outcome["create"] == people.count() == len(EXPECTED["faults.csv"]["create"])
    for email in EXPECTED["faults.csv"]["create"]:
        assert people.row(email=email)


def test_a_formula_is_stored_as_text(app: App, people: People) -> None:
    imported(app, DATA / "faults.csv")
    assert people.row(email="formula@example.com")["name"] == '=HYPERLINK("http://x")'


def test_a_second_import_of_the_same_file_creates_no_one(app: App, people: People) -> None:
    imported(app, DATA / "plain.csv")
    before = people.row_counts()
    result, outcome = imported(app, DATA / "plain.csv")
    assert (result.exit_code, outcome["create"], outcome["conflict"], len(outcome["rows"])) == (1, 0, 40, 40)
    assert people.row_counts() == before


TEXT = "Фамилия;Имя;Эл. почта\nЁлкин;Пётр;petr@example.com\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_every_common_encoding_is_detected(app: App, people: People, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(TEXT.encode(encoding))
    imported(app, file)
    assert people.row(email="petr@example.com")["name"] == "Пётр Ёлкин"


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_every_common_delimiter_is_detected(app: App, people: People, tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f'Full name{delimiter}E-mail\n"O{delimiter}Neill, Seán"{delimiter}sean@example.com\n')
    imported(app, file)
    assert people.row(email="sean@example.com")["name"] == f"O{delimiter}Neill, Seán"


def test_tabs_are_detected_too(app: App, people: People, tmp_path: Path) -> None:
    file = tmp_path / "people.tsv"
    file.write_text("Full name\tE-mail\nNeill, Seán\tsean@example.com\n")
    imported(app, file)
    assert people.row(email="sean@example.com")["name"] == "Neill, Seán"


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "content",
    [b"", b"  \n ", b"name,phone\nAnna,1\n", b"email,mail\na@example.com,b@example.com\n", bytes(range(256)) * 40,
     b"\xff\xfe\x00", b"\x00" * 1000],
)  # fmt: skip
def test_an_unusable_file_is_one_error_message(app: App, people: People, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    result = app.test_cli_runner().invoke(args=["users", "import", str(file)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    assert not any(people.row_counts().values())


def test_a_huge_cell_does_not_stop_the_import(app: App, people: People, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,name\na@example.com,Anna\nb@example.com," + "x" * 200_000 + "\nc@example.com,Clara\n")
    _result, outcome = imported(app, file)
    assert (outcome["create"], [row["row"] for row in outcome["rows"]]) == (2, [3])


def test_the_command_prints_a_summary(app: App) -> None:
    result = app.test_cli_runner().invoke(args=["users", "import", str(DATA / "faults.csv")])
    assert "row 5: 'OK1@EXAMPLE.COM' refused: Row 2 has the same e-mail address" in result.stdout
    assert "2 created, 10 refused." in result.stdout


def test_a_missing_file_is_a_usage_error(app: App) -> None:
    assert app.test_cli_runner().invoke(args=["users", "import", "nowhere.csv"]).exit_code == 2


@pytest.mark.parametrize(
    ("text", "created", "refused"),
    [
        ('email,name,note\na@x.com,A,"unclosed\nb@x.com,B,n\nc@x.com,C,n\n', 0, [2, 3, 4]),
        ("email;name;note\ra@x.com;A;a, b, c, d, e\r", 1, []),
        ("\n\n;\nemail;name\na@x.com;A\nnope;B\n", 1, [6]),
        ("email;name\r\n\r\na@x.com;A\r\n", 1, []),
    ],
)
def test_unusual_line_ends_lose_no_row(
    app: App, people: People, tmp_path: Path, text: str, created: int, refused: list[int]
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(text.encode())
    _result, outcome = imported(app, file)
    assert (outcome["create"], [row["row"] for row in outcome["rows"]]) == (created, refused)


def test_a_huge_heading_is_one_error_message(app: App, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email," + "x" * 200_000 + "\na@x.com,A\n")
    result = app.test_cli_runner().invoke(args=["users", "import", str(file)])
    assert (result.exit_code, "header row cannot be read" in result.stderr) == (1, True)
