"""No cell of a CSV file can be a formula."""

from __future__ import annotations

import ast

import pytest

from tests.processes import ROOT
from webapp.core.spreadsheets import csv_text


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠SUM(A1)", "﹢1", "﹫A1"]
)
def test_a_cell_is_never_a_formula(cell: str) -> None:
    assert csv_text([[cell]]).replace('"', "").rstrip("\r\n") == f"'{cell}".rstrip("\r\n")


@pytest.mark.parametrize("cell", ["Anna", "a=1", "1-1", "", "Щукин"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert csv_text([[cell, "x"]]) == f"{cell},x\r\n"


def test_every_csv_file_is_written_by_the_function_that_escapes() -> None:
    for path in (ROOT / "webapp").rglob("*.py"):
        if path.name == "spreadsheets.py":
            continue
        attributes = [node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
        assert not {"writer", "DictWriter"} & set(attributes), path
