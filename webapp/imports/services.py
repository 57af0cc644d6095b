"""Creating people out of a file, each through the same door as the form."""

from __future__ import annotations

from dataclasses import dataclass, field

from webapp.attributes.values import TextInput
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.imports.reading import Row, Table
from webapp.users.services import create_user


@dataclass(frozen=True)
class Refusal:
    """A row that made nobody: its number (the heading is 1), whom it named, and why."""

    row: int
    email: str
    reasons: list[str]


@dataclass
class Outcome:
    created: int = 0
    refused: list[Refusal] = field(default_factory=list)


def import_users(table: Table, *, by: Actor) -> Outcome:
    """Goes through all rows; each one creates a user or is refused, on its own."""
    outcome = Outcome()
    for row in table.rows:
        reasons = _create(row, by=by)
        if reasons:
            outcome.refused.append(Refusal(row.number, row.email, reasons))
        else:
            outcome.created += 1
    return outcome


def _create(row: Row, *, by: Actor) -> list[str]:
    if row.problem:
        return [row.problem]
    try:
        attributes = {key: TextInput(cell) for key, cell in row.attributes.items()}
        create_user(email=row.email, name=row.name, username=row.username, attributes=attributes, by=by)
    except Refused as error:
        return [str(problem.message) for problem in error.problems] or [str(error)]
    return []
