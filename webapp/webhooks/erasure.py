"""Erasing a person reaches deliveries: bodies are built from audit records, and answers are emptied."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from webapp.audit.models import AuditRecord
from webapp.db.session import NO_SYNC, db
from webapp.webhooks.models import Delivery


def forget_answers(person_id: UUID) -> None:
    """Empty what endpoints answered to events about this person, and to what they did: it may repeat their name."""
    _empty(Delivery.subject_id == person_id)
    changed_others = (AuditRecord.actor_id == person_id, AuditRecord.subject_id != person_id)
    records = select(AuditRecord.id).where(*changed_others)
    # Few people changed others. Without an index of `record_id`, this reads all deliveries.
    if db.session.scalar(records.limit(1)):
        _empty(Delivery.record_id.in_(records))


def _empty(condition: ColumnElement[bool]) -> None:
    statement = update(Delivery).where(condition).values(answer="", error="")
    db.session.execute(statement, execution_options=NO_SYNC)
