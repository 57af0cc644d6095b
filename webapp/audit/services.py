"""The only door into the audit trail; called inside the transaction of the change it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from webapp.audit.models import ADDRESS_MAX, LABEL_MAX, Action, AuditRecord
from webapp.core.access import Actor
from webapp.core.database import db

Value = str | None
Changes = dict[str, tuple[Value, Value]]


class Subject(Protocol):
    @property
    def id(self) -> UUID: ...


def record(action: Action, *, subject: Subject, by: Actor, changes: Changes | None = None, kind: str = "user") -> None:
    """Adds one record; `changes` is field → (before, after)."""
    db.session.add(
        AuditRecord(
            action=action,
            actor_kind=by.kind,
            actor_id=by.id,
            actor_label=by.label[:LABEL_MAX],
            address=by.address[:ADDRESS_MAX],
            request_id=by.request_id,
            subject_kind=kind,
            subject_id=subject.id,
            changes={name: list(pair) for name, pair in (changes or {}).items()},
        )
    )


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, tuple[Value, Value]]:
    """The fields that differ, as `record` wants them."""
    return {name: (_text(before.get(name)), _text(value)) for name, value in after.items() if before.get(name) != value}


def _text(value: object) -> Value:
    if value is None:
        return None
    return str(value.value) if isinstance(value, StrEnum) else str(value)
