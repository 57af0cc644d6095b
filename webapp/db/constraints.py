"""Which constraint refused a write."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError


def constraint_of(error: IntegrityError) -> str:
    """The name of the refused constraint; on SQLite, which tells columns only, the name our convention gives it."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    message = str(error.orig)
    if message.startswith("UNIQUE constraint failed: "):
        columns = message.partition(": ")[2].split(", ")
        table = columns[0].partition(".")[0]
        return "_".join(["uq", table, *(column.partition(".")[2] for column in columns)])
    return message.rpartition(": ")[2]
