"""CSV for people, who open it in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# Without it, spreadsheets do not know that the file is UTF-8.
BOM = "\ufeff"
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
