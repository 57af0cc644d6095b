"""Translates violated constraints into errors for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from webapp.core.errors import Refused
from webapp.db.session import db

# The SQLSTATE of unique constraints and of foreign keys.
_CONFLICT_CODES = {"23505", "23503"}


@contextmanager
def translate_constraints(refusals: Mapping[str, Refused]) -> Iterator[None]:
    """Replace the IntegrityError of a constraint by its error in `refusals`. `refusals`: constraint → error."""
    try:
        yield
    except IntegrityError as error:
        refusal = refusals.get(constraint_of(error))
        if refusal is None:
            raise
        raise refusal from error


def is_conflict(error: IntegrityError) -> bool:
    """Whether another change came first: a unique value is taken, or a row that is referred to is deleted."""
    code = getattr(error.orig, "pgcode", None)
    message = str(error.orig)
    return code in _CONFLICT_CODES or message.startswith(("UNIQUE constraint failed", "FOREIGN KEY constraint failed"))


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the violated constraint.

    SQLite reports only the columns of a unique constraint: return its name by our naming convention. It does not report
    which foreign key failed: return its message.
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    message = str(error.orig)
    if message.startswith("UNIQUE constraint failed: "):
        return _unique_constraint(message.partition(": ")[2].split(", "))
    return message.rpartition(": ")[2]


def _unique_constraint(columns: list[str]) -> str:
    table = columns[0].partition(".")[0]
    names = [column.partition(".")[2] for column in columns]
    known = db.metadata.tables.get(table)
    if known is not None and names == list(known.primary_key.columns.keys()):
        return f"pk_{table}"
    return "_".join(["uq", table, *names])
