"""Named reads of the audit trail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, func, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY

from webapp.audit.actions import Action
from webapp.audit.archives import archived_names_of
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.core.errors import NotFound
from webapp.core.ids import min_id_at
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order

NEWEST_FIRST = Order("-id", AuditRecord.id, AuditRecord.id, descending=True)


def list_records(
    *,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    action: Action | None = None,
    field: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[AuditRecord]:
    """Select the records that match all given filters. `since` is inclusive, `until` exclusive.

    IDs are UUIDv7, which sort by time. So a condition on the ID selects a time range and needs no other index.
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
        query = query.where(_has_field(field))
    if since is not None:
        query = query.where(AuditRecord.id >= min_id_at(since))
    if until is not None:
        query = query.where(AuditRecord.id < min_id_at(until))
    return query


def get_record(record_id: UUID) -> AuditRecord:
    """Raise NotFound if there is none."""
    record = db.session.get(AuditRecord, record_id)
    if record is None:
        raise NotFound(_("This record does not exist"))
    return record


def records_of(subject_id: UUID, *others: UUID) -> Select[AuditRecord]:
    """Select the records of these subjects."""
    is_one = AuditRecord.subject_id.in_([subject_id, *others]) if others else AuditRecord.subject_id == subject_id
    return select(AuditRecord).where(is_one)


def records_of_batch(batch_id: UUID, limit: int) -> list[AuditRecord]:
    """Return the newest records of a batch, the newest first. Raise NotFound if there is none."""
    query = select(AuditRecord).where(AuditRecord.batch_id == batch_id).order_by(AuditRecord.id.desc()).limit(limit)
    records = list(db.session.scalars(query))
    if not records:
        raise NotFound(_("There are no changes with this batch ID"))
    return records


def subjects_changed_by(actor_id: UUID) -> Select[UUID]:
    """Select the IDs of everything that this actor changed."""
    return select(AuditRecord.subject_id).where(AuditRecord.actor_id == actor_id)


def actor_labels_of(actor_id: UUID) -> set[str]:
    """Return every name under which this actor made a change, also those in archives."""
    query = select(AuditDetails.actor_label).join(AuditRecord, AuditRecord.id == AuditDetails.record_id)
    return set(db.session.scalars(query.where(AuditRecord.actor_id == actor_id).distinct())) | archived_names_of(
        actor_id
    )


def latest_records_of(subject_id: UUID, limit: int, *others: UUID) -> list[AuditRecord]:
    return list(db.session.scalars(records_of(subject_id, *others).order_by(AuditRecord.id.desc()).limit(limit)))


def last_edit_of(subject_id: UUID, *actions: Action) -> AuditRecord | None:
    """Return the subject's newest record of one of these actions."""
    query = records_of(subject_id).where(AuditRecord.action.in_(actions))
    return db.session.scalars(query.order_by(AuditRecord.id.desc()).limit(1)).first()


def _has_field(field: str) -> ColumnElement[bool]:
    if db.engine.dialect.name == "postgresql":
        return type_coerce(AuditRecord.fields, ARRAY(Text)).contains([field])
    names = func.json_each(AuditRecord.fields).table_valued("value")
    return select(names.c.value).where(names.c.value == field).exists()
