"""docs/security.md names each requirement once, with tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from webapp.settings import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| V\d+\.", line)
]
# The requirements of levels 1 and 2 in ASVS 5.0.0, by chapter.
COUNTS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13}
COUNTS |= {16: 16, 17: 7}
WORDS_MAX = 12


def test_each_requirement_is_on_the_page_once() -> None:
    ids = [row[0] for row in ROWS]
    assert len(ids) == len(set(ids)) == 253
    chapters = [int(re.fullmatch(r"V(\d+)\.\d+\.\d+", each)[1]) for each in ids]
    assert {chapter: chapters.count(chapter) for chapter in chapters} == COUNTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_has_a_summary_a_state_and_evidence(row: list[str]) -> None:
    _id, summary, state, evidence = row
    assert 0 < len(summary.split()) <= WORDS_MAX
    if state == "met":
        assert re.search(r"`tests/|`webapp/|\.md|\(#", evidence)
    elif state == "not applicable":
        assert evidence.startswith("because ")
    else:
        assert (state, "issing" in evidence or "Deliberate" in evidence) == ("not met", True)


def test_the_totals_are_those_of_the_rows() -> None:
    for state in ("met", "not applicable", "not met"):
        assert f"{sum(row[2] == state for row in ROWS)} {state}" in PAGE


def test_every_test_on_the_page_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 100
    assert [f"{path}::{name}" for path, name in named if name not in functions(path)] == []


def test_every_file_and_heading_on_the_page_exists() -> None:
    missing = [path for path in re.findall(r"`((?:webapp|deploy|tests)/[\w./-]+)", PAGE) if not (ROOT / path).exists()]
    headings = {re.sub(r"\W+", "-", line.strip("# \n").lower()) for line in re.findall(r"^##+ .*$", PAGE, re.MULTILINE)}
    links = re.findall(r"\]\(([^)#]*)#?([^)]*)\)", PAGE)
    missing += [path for path, _part in links if path and "://" not in path and not (ROOT / "docs" / path).exists()]
    missing += [part for path, part in links if not path and part not in headings]
    assert missing == []


@cache
def functions(path: str) -> frozenset[str]:
    file = ROOT / path
    tree = ast.parse(file.read_text()) if file.exists() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
