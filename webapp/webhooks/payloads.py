"""The body of a delivery: the event in JSON. It is built from the audit record, so erasing a person reaches it.

The form is that of the Standard Webhooks specification: `type`, `timestamp` and `data`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select

from webapp.audit.models import AuditDetails, AuditRecord
from webapp.core.moments import to_utc
from webapp.db.session import db
from webapp.db.types import compact_json
from webapp.webhooks.events import TEST_EVENT
from webapp.webhooks.models import Delivery

_RECORD = (
    AuditRecord.at,
    AuditRecord.actor_kind,
    AuditRecord.actor_id,
    AuditRecord.token_id,
    AuditRecord.subject_kind,
    AuditRecord.batch_id,
    AuditRecord.undoes_id,
    AuditRecord.request_id,
)
_DETAILS = (
    AuditDetails.actor_label,
    AuditDetails.subject_label,
    AuditDetails.address,
    AuditDetails.changes,
    AuditDetails.reason,
)


def select_payloads(*columns: Any) -> Select[Any]:
    """Select what `body_of` needs, and these columns of `Delivery`."""
    needed = (Delivery.id, Delivery.record_id, Delivery.event, Delivery.subject_id, Delivery.created_at)
    return (
        select(*needed, *columns, *_RECORD, *_DETAILS)
        .select_from(Delivery)
        .outerjoin(AuditRecord, AuditRecord.id == Delivery.record_id)
        .outerjoin(AuditDetails, AuditDetails.record_id == Delivery.record_id)
    )


def get_body(delivery: Delivery) -> str:
    """Return the body as the next attempt sends it."""
    return body_of(db.session.execute(select_payloads().where(Delivery.seq == delivery.seq)).one())


def body_of(row: Row[Any]) -> str:
    """Return the JSON text. It is the same at each attempt, unless a person in it was erased."""
    if row.record_id is None:
        data: dict[str, Any] = {"id": str(row.id), "message": "This is a test event of Rollcall."}
        return compact_json({"type": TEST_EVENT, "timestamp": _time(row.created_at), "data": data})
    return compact_json({"type": row.event, "timestamp": _time(row.at), "data": _data(row)})


def _data(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": str(row.record_id),
        "subject": {"kind": row.subject_kind, "id": str(row.subject_id), "name": row.subject_label or ""},
        "actor": {
            "kind": row.actor_kind,
            "id": _id(row.actor_id),
            "name": row.actor_label or "",
            "token_id": _id(row.token_id),
        },
        "changes": row.changes or {},
        "reason": row.reason or "",
        "address": row.address or "",
        "request_id": row.request_id,
        "batch_id": _id(row.batch_id),
        "undoes_id": _id(row.undoes_id),
    }


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


def _time(moment: Any) -> str:
    return to_utc(moment).isoformat().replace("+00:00", "Z")
