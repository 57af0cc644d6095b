"""Creates the people of a file, each with the same service as the form."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from webapp.attributes.values import TextInput
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.imports.reading import Row
from webapp.users.services import create_user


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row for which no user was created. `row` is its number; the header row is 1."""

    row: int
    email: str
    reasons: list[str]


@dataclass
class ImportResult:
    created: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


def import_row(row: Row, result: ImportResult, *, by: Actor, invite: bool = False) -> None:
    """Create the user of a row in a transaction of its own, and count it in `result`."""
    if reasons := _create(row, invite=invite, by=by):
        result.refused.append(RefusedRow(row.number, row.email, reasons))
    else:
        result.created += 1


def _create(row: Row, *, invite: bool, by: Actor) -> list[str]:
    """Create the user. Return the reasons if the row is refused."""
    if row.problem:
        return [row.problem]
    try:
        attributes = {key: TextInput(cell) for key, cell in row.attributes.items()}
        create_user(email=row.email, name=row.name, username=row.username, attributes=attributes, invite=invite, by=by)
    except Refused as error:
        # Interned, because a large file can have a million refused rows, with few reasons.
        return [sys.intern(str(problem.message)) for problem in error.problems] or [str(error)]
    return []
