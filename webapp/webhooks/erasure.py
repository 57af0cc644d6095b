"""Erasing a person reaches deliveries: bodies are built from audit records, and answers about them are emptied."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from webapp.db.session import db
from webapp.webhooks.models import Delivery


def forget_answers(person_id: UUID) -> None:
    """Empty what endpoints answered to events about this person: it may repeat them."""
    statement = update(Delivery).where(Delivery.subject_id == person_id).values(answer="", error="")
    db.session.execute(statement, execution_options={"synchronize_session": False})
