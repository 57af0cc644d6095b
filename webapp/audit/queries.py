"""Named reads of the audit trail."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from webapp.audit.models import Action, AuditDetails, AuditRecord
from webapp.core.database import db
from webapp.core.pagination import Order

NEWEST_FIRST = Order("-id", AuditRecord.id, AuditRecord.id, descending=True)


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
