"""Saves what became of the rows of a chunk, and counts the rows by outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, update

from webapp.db.session import NO_SYNC, db
from webapp.imports.models import Import, ImportRow, Outcome


@dataclass(frozen=True)
class Done:
    """What became of one row."""

    outcome: Outcome
    message: str | None = None
    record_ids: list[str] | None = None


def save_results(imported: Import, previous: Outcome, results: Mapping[int, Done]) -> None:
    for number, done in results.items():
        values = {"outcome": done.outcome, "message": done.message, "record_ids": done.record_ids, "secret": None}
        update_rows(imported, [number], values)
    outcomes = Counter(done.outcome for done in results.values())
    count_outcomes(imported, outcomes, removed=Counter({previous: len(results)}))


def save_records(imported: Import, record_ids: Mapping[int, list[str]], outcome: Outcome) -> None:
    """Save the outcome and the records of many rows, by number."""
    this = (ImportRow.import_id == imported.id, ImportRow.number == bindparam("of"))
    values: dict[str, Any] = {"outcome": outcome, "record_ids": bindparam("ids"), "message": None, "secret": None}
    rows: list[dict[str, Any]] = [{"of": number, "ids": ids} for number, ids in record_ids.items()]
    if rows:
        db.session.connection().execute(update(cast(Table, ImportRow.__table__)).where(*this).values(values), rows)


def update_rows(imported: Import, numbers: Sequence[int], values: Mapping[str, Any]) -> None:
    if not numbers:
        return
    rows = (ImportRow.import_id == imported.id, ImportRow.number.in_(numbers))
    db.session.execute(update(ImportRow).where(*rows).values(values), execution_options=NO_SYNC)


def count_outcomes(imported: Import, added: Counter[Outcome], *, removed: Counter[Outcome] | None = None) -> None:
    counts = Counter(imported.counts)
    counts.update({outcome.value: number for outcome, number in added.items()})
    counts.subtract({outcome.value: number for outcome, number in (removed or {}).items()})
    imported.counts = {outcome: number for outcome, number in counts.items() if number}
