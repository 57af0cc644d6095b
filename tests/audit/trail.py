"""Helpers of the audit tests: write records, and change tables without Rollcall."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from tests.factories import TESTER
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import record
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.db.transactions import transaction


class Thing:
    """A subject without a table."""

    def __init__(self, name: str = "Thing") -> None:
        self.id = new_id()
        self.name = name


def write(count: int = 1, *, subject: Thing | None = None) -> list[UUID]:
    """Write `count` records about one subject, each in its own transaction."""
    subject = subject or Thing()
    ids = []
    for number in range(count):
        with transaction():
            changes = {"name": (None if number == 0 else f"Имя {number - 1}", f"Имя {number}")}
            ids.append(record(Action.USER_UPDATED, subject=subject, by=TESTER, changes=changes))
    return ids


def write_at_once(count: int) -> list[UUID]:
    """Write `count` records in one transaction. They are consecutive in one shard."""
    with transaction():
        return [
            record(Action.USER_UPDATED, subject=Thing(), by=TESTER, changes={"name": ("a", "b")}) for _ in range(count)
        ]


def get(record_id: UUID) -> AuditRecord:
    return db.session.scalars(select(AuditRecord).where(AuditRecord.id == record_id)).one()


def tamper(model: Any, where: Any, **values: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(update(model).where(where).values(**values))
