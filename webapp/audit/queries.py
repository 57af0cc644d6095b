"""Named reads of the audit trail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, func, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY

from webapp.audit.models import Action, AuditDetails, AuditRecord
from webapp.core.errors import NotFound
from webapp.core.ids import first_id_of
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order

NEWEST_FIRST = Order("-id", AuditRecord.id, AuditRecord.id, descending=True)


def listed_records(
    *,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    action: Action | None = None,
    field: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[AuditRecord]:
    """Records by whom, about whom, of one action or of one field, from one moment on and before another.

    Ids sort by time, so that times need no index of their own.
    """
    query = select(AuditRecord)
    for column, value in (
        (AuditRecord.actor_id, actor_id),
        (AuditRecord.subject_id, subject_id),
        (AuditRecord.action, action),
    ):
        if value is not None:
            query = query.where(column == value)
    if field:
        query = query.where(_has(field))
    if since is not None:
        query = query.where(AuditRecord.id >= first_id_of(since))
    if until is not None:
        query = query.where(AuditRecord.id < first_id_of(until))
    return query


def get_record(record_id: UUID) -> AuditRecord:
    """Raises NotFound."""
    record = db.session.get(AuditRecord, record_id)
    if record is None:
        raise NotFound(_("There is no such record."))
    return record


def records_of(subject_id: UUID) -> Select[AuditRecord]:
    """Everything that happened to one subject."""
    return select(AuditRecord).where(AuditRecord.subject_id == subject_id)


def touched_by(actor_id: UUID) -> Select[UUID]:
    """The ids of everything that somebody changed."""
    return select(AuditRecord.subject_id).where(AuditRecord.actor_id == actor_id)


def signatures_of(actor_id: UUID) -> set[str]:
    """The names under which somebody changed anything."""
    query = select(AuditDetails.actor_label).join(AuditRecord, AuditRecord.id == AuditDetails.record_id)
    return set(db.session.scalars(query.where(AuditRecord.actor_id == actor_id).distinct()))


def latest_of(subject_id: UUID, limit: int) -> list[AuditRecord]:
    return list(db.session.scalars(records_of(subject_id).order_by(AuditRecord.id.desc()).limit(limit)))


def last_edit_of(subject_id: UUID) -> AuditRecord | None:
    """The last record that changed the subject itself."""
    edits = (Action.USER_UPDATED, Action.USER_DEACTIVATED, Action.USER_REACTIVATED)
    query = records_of(subject_id).where(AuditRecord.action.in_(edits))
    return db.session.scalars(query.order_by(AuditRecord.id.desc()).limit(1)).first()


def _has(field: str) -> ColumnElement[bool]:
    if db.engine.dialect.name == "postgresql":
        return type_coerce(AuditRecord.fields, ARRAY(Text)).contains([field])
    names = func.json_each(AuditRecord.fields).table_valued("value")
    return select(names.c.value).where(names.c.value == field).exists()
