"""The tables that a crowd fills, and the type of the function that shows the progress."""

from __future__ import annotations

from collections.abc import Callable

from webapp.audit.chain import DETAILS_COLUMNS, RECORD_COLUMNS
from webapp.demo.crowd import USER_COLUMNS
from webapp.demo.trails import HEAD_COLUMNS

TABLES = {
    "users": USER_COLUMNS,
    "audit_records": RECORD_COLUMNS,
    "audit_details": DETAILS_COLUMNS,
    "audit_heads": HEAD_COLUMNS,
}

# Called with the name of the current step and the number of people inserted so far.
Progress = Callable[[str, int], None]
