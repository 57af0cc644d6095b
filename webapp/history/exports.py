"""Exports of the audit trail as CSV or JSON, read and sent in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Select

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import SubjectId, record
from webapp.core.permissions import Actor
from webapp.core.spreadsheets import BOM, csv_text
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.types import compact_json

BATCH_SIZE = 1000
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

Batches = Iterable[list[dict[str, Any]]]

# The subject of the record that an export writes.
AUDIT_TRAIL = SubjectId(uuid5(NAMESPACE_URL, "rollcall:audit"))


def export(query: Select[AuditRecord], file_format: str, *, by: Actor, filters: dict[str, str]) -> Iterator[str]:
    """Record the export, then return the file of the records of `query`, newest first.

    `file_format` is a key of FORMATS. `filters` are stored with the record of the export.
    """
    changes = {name: (None, value) for name, value in {"format": file_format, **filters}.items()}
    with transaction():
        export_id = record(Action.AUDIT_EXPORTED, subject=AUDIT_TRAIL, by=by, kind="audit", changes=changes)
    return FORMATS[file_format](_batches(query, before=export_id))


def _batches(query: Select[AuditRecord], before: UUID) -> Iterator[list[dict[str, Any]]]:
    """Each batch has its own transaction, so that a slow client keeps none open."""
    query = query.order_by(AuditRecord.id.desc()).limit(BATCH_SIZE)
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


def _as_csv(batches: Batches) -> Iterator[str]:
    yield BOM + csv_text([COLUMNS])
    for rows in batches:
        yield csv_text([_cell(row[name]) for name in COLUMNS] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else compact_json(value)


def _as_json(batches: Batches) -> Iterator[str]:
    opening = "["
    for rows in batches:
        yield opening + "\n" + ",\n".join(compact_json(row) for row in rows)
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


FORMATS: dict[str, Callable[[Batches], Iterator[str]]] = {"csv": _as_csv, "json": _as_json}
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
