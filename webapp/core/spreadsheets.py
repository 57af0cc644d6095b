"""CSV files that people open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable

# Without a byte order mark, spreadsheets do not read the file as UTF-8.
BOM = "\ufeff"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def escape_formula(text: str) -> str:
    """Return the text with a leading apostrophe if a spreadsheet would read it as a formula.

    Spreadsheets with East Asian settings also read full-width signs, which NFKC turns into plain ones. A text that has
    apostrophes before the sign gets one more, so that imports can take away exactly one.
    """
    return f"'{text}" if unicodedata.normalize("NFKC", text.lstrip("'")[:1]) in FORMULAS else text


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Return the lines of the rows. No cell can be a formula."""
    output = io.StringIO()
    csv.writer(output).writerows([escape_formula(cell) for cell in row] for row in rows)
    return output.getvalue()
