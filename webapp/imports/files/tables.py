"""Finds the row of headings in a table of text cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.imports.files.headings import HEADING_MAX, find_target, heading_keys
from webapp.imports.files.mapping import COLUMNS_MAX

# Titles and comments can precede the headings.
TITLE_ROWS_MAX = 30
# Bounded, because a cell can be long.
EMAIL = re.compile(r"[^\s@]{1,254}@[^\s@]{1,254}\.[^\s@]{1,254}")

Rows = Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True)
class Headings:
    """`number`: the row of the headings, 0 if there is none. `score`: how many headings are known."""

    number: int
    cells: tuple[str, ...]
    score: int


def find_headings(rows: Rows, known: Collection[str]) -> Headings:
    """Return the headings of the first rows of a table. `known`: the keys of the attributes' headings.

    Raise Invalid if the table is empty or has too many columns.
    """
    rows = [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
    if not rows:
        raise Invalid(_("The file is empty"))
    scores = [score(cells, known) for _number, cells in rows]
    place = scores.index(max(scores)) if any(scores) else _row_before_people(rows)
    if place is None:
        number, cells = 0, [str(_("Column %(number)s", number=n)) for n in range(1, len(rows[0][1]) + 1)]
    else:
        number, cells = rows[place][0], _without_empty_end(rows[place][1])
    if len(cells) > COLUMNS_MAX:
        raise Invalid(_("The file has more than %(max)s columns", max=COLUMNS_MAX))
    return Headings(number, tuple(" ".join(cell.split())[:HEADING_MAX] for cell in cells), max(scores))


def score(cells: Sequence[str], known: Collection[str]) -> int:
    """Return how many cells are known headings."""
    return len({target for cell in cells[:COLUMNS_MAX] if (target := _target(cell, known))})


def _target(cell: str, known: Collection[str]) -> str | None:
    if not cell or len(cell) > 100 or "@" in cell:
        return None
    return find_target(cell) or next((key for key in heading_keys(cell) if key in known), None)


def _row_before_people(rows: Rows) -> int | None:
    """Return the place of the row before the first one with an e-mail address, or None if there is no row before."""
    first = next((n for n, (_number, cells) in enumerate(rows) if any(map(EMAIL.fullmatch, map(str.strip, cells)))), 1)
    return first - 1 if first else None


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
