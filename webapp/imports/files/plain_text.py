"""Removes what programs put around text so that spreadsheets show it unchanged."""

from __future__ import annotations

import re
import unicodedata

from webapp.core.spreadsheets import FORMULAS

# ="+49 30 123", which a spreadsheet does not turn into a number.
_TEXT_GUARD = re.compile(r'="(.*)"', re.DOTALL)


def plain_text(cell: str) -> str:
    """Return the text of a cell that starts with = or an apostrophe."""
    if match := _TEXT_GUARD.fullmatch(cell):
        return match[1].replace('""', '"').strip()
    marked = cell.lstrip("'")[:1]
    is_escaped = cell.startswith("'") and bool(marked) and unicodedata.normalize("NFKC", marked) in FORMULAS
    return cell[1:] if is_escaped else cell
