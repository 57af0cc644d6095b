"""The trail as a file: read and sent a part at a time, however long it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Select

from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import record
from webapp.core.permissions import Actor
from webapp.core.spreadsheets import BOM, csv_text, escape_formula
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.types import compact_json

PART = 1000
COLUMNS = (
    "id",
    "at",
    "action",
    "actor_kind",
    "actor_label",
    "actor_id",
    "token_id",
    "address",
    "subject_kind",
    "subject_label",
    "subject_id",
    "changes",
    "reason",
    "request_id",
    "undoes_id",
    "batch_id",
    "erased",
    "shard",
    "seq",
    "hash",
)


@dataclass(frozen=True)
class _Trail:
    """The trail itself, as a subject."""

    id: UUID


TRAIL = _Trail(uuid5(NAMESPACE_URL, "rollcall:audit"))


def export(query: Select[AuditRecord], form: str, *, by: Actor, filters: dict[str, str]) -> Iterator[str]:
    """The records of `query` from the newest on, as "csv" or "json"; that they were exported is recorded first."""
    changes = {name: (None, value) for name, value in {"format": form, **filters}.items()}
    with transaction():
        before = record(Action.AUDIT_EXPORTED, subject=TRAIL, by=by, kind="audit", changes=changes)
    return FORMS[form](_parts(query, before))


def _parts(query: Select[AuditRecord], before: UUID) -> Iterator[list[dict[str, Any]]]:
    """Each part is a short look of its own: a slow reader holds no transaction open."""
    query = query.order_by(AuditRecord.id.desc()).limit(PART)
    while True:
        rows = [_row(found) for found in db.session.scalars(query.where(AuditRecord.id < before))]
        db.session.rollback()
        db.session.expunge_all()
        if not rows:
            return
        before = UUID(rows[-1]["id"])
        yield rows


def _row(found: AuditRecord) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(found, name) for name in COLUMNS}
    row["at"] = found.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}


def _as_csv(parts: Iterable[list[dict[str, Any]]]) -> Iterator[str]:
    yield BOM + csv_text([COLUMNS])
    for rows in parts:
        yield csv_text([_cell(row[name]) for name in COLUMNS] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return escape_formula(value if isinstance(value, str) else compact_json(value))


def _as_json(parts: Iterable[list[dict[str, Any]]]) -> Iterator[str]:
    opening = "["
    for rows in parts:
        yield opening + "\n" + ",\n".join(compact_json(row) for row in rows)
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


Parts = Iterable[list[dict[str, Any]]]
FORMS: dict[str, Callable[[Parts], Iterator[str]]] = {"csv": _as_csv, "json": _as_json}
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
