"""Records changes in the audit trail. Call `record` inside the transaction of the change."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from webapp.audit.actions import Action
from webapp.audit.chain import HASHED_COLUMNS, HASHED_DETAILS, hashed_time
from webapp.audit.models import ADDRESS_MAX, LABEL_MAX, REQUEST_MAX
from webapp.audit.reasons import checked_reason
from webapp.audit.writing import append
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import before_commit
from webapp.db.types import compact_json

# Each transaction locks a random shard. With 16 shards, writers rarely wait for each other.
SHARDS = 16
# Values of these fields are never stored.
SECRETS = frozenset({"password", "password_hash"})
# Stored as the new value of a secret.
CHANGED = "changed"

Value = str | list[str] | None
Changes = dict[str, tuple[Value, Value]]


class Subject(Protocol):
    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True)
class SubjectId:
    """A subject without a row of its own, such as a file."""

    id: UUID


@dataclass(frozen=True)
class PendingRecord:
    """A record that waits for the end of the transaction, with its values of HASHED_COLUMNS and HASHED_DETAILS."""

    id: UUID
    hashed: list[Any]
    details: list[str]


@dataclass
class ChangeGroup:
    """The common values of the records inside one `grouped_changes`, and what was recorded so far.

    `changes` has field → [before, after] of each record.
    """

    batch_id: UUID
    reason: str
    undoes_id: UUID | None
    record_ids: list[UUID] = field(default_factory=list)
    changes: list[dict[str, list[Value]]] = field(default_factory=list)

    def add(self, record_id: UUID, changes: dict[str, list[Value]]) -> None:
        # A unique index allows one record for each `undoes_id`, so only the first one has it.
        self.undoes_id = None
        self.record_ids.append(record_id)
        self.changes.append(changes)


def record(
    action: Action,
    *,
    subject: Subject,
    by: Actor,
    changes: Mapping[str, tuple[Value, Value]] | None = None,
    kind: str = "user",
    label: str | None = None,
    reason: str = "",
    own: bool = False,
) -> UUID:
    """Record a change, and return the record's ID. The record is written at the end of the transaction.

    `changes` maps a field to (before, after). `kind` is the kind of the subject. `label` is the subject's current name,
    by default `subject.name`. Raise Invalid if a reason is required and there is none. `own`: people change their own
    settings on a page without a field for a reason, so none is required.
    """
    group: ChangeGroup | None = db.session.info.get("change_group")
    reason = checked_reason(action, reason or by.reason or (group.reason if group else ""), by=by, own=own)
    label = str(getattr(subject, "name", "") if label is None else label)
    stored = {name: _without_secrets(name, pair) for name, pair in (changes or {}).items()}
    record_id = new_id()
    hashed = _hashed_values(action, record_id, by, kind, subject.id, list(stored), group)
    before_commit(_append_records, PendingRecord(record_id, hashed, _details(by, label, stored, reason)))
    if group:
        group.add(record_id, stored)
    return record_id


@contextmanager
def grouped_changes(
    *, reason: str = "", undoes: UUID | None = None, batch_id: UUID | None = None
) -> Iterator[ChangeGroup]:
    """Give all records inside the `with` block the same `batch_id` and `reason`.

    The first of them undoes the record `undoes`. Pass the same `batch_id` to continue a group in the next transaction.
    By default, a group inside another group has the `batch_id` of the outer one.
    """
    outer: ChangeGroup | None = db.session.info.get("change_group")
    group = ChangeGroup(batch_id or (outer.batch_id if outer else new_id()), reason, undoes)
    db.session.info["change_group"] = group
    try:
        yield group
    finally:
        db.session.info["change_group"] = outer


def last_record_ids() -> list[UUID]:
    """Return the IDs of the records that the last transaction of this request or command wrote, in order."""
    return list(db.session.info.get("last_record_ids", []))


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> Changes:
    """Return the fields that differ, as the argument `changes` of `record`."""
    return {name: (_text(before.get(name)), _text(value)) for name, value in after.items() if before.get(name) != value}


def _hashed_values(
    action: Action,
    record_id: UUID,
    by: Actor,
    kind: str,
    subject_id: UUID,
    fields: list[str],
    group: ChangeGroup | None,
) -> list[Any]:
    """Return the values of HASHED_COLUMNS."""
    values = {
        "id": record_id.hex,
        "at": hashed_time(now()),
        "action": action.value,
        "actor_kind": by.kind.value,
        "actor_id": by.id and by.id.hex,
        "token_id": by.token_id and by.token_id.hex,
        "subject_kind": kind,
        "subject_id": subject_id.hex,
        "request_id": by.request_id[:REQUEST_MAX],
        "fields": fields,
        "undoes_id": group and group.undoes_id and group.undoes_id.hex,
        "batch_id": group and group.batch_id.hex,
    }
    return [values[name] for name in HASHED_COLUMNS]


def _details(by: Actor, label: str, changes: dict[str, list[Value]], reason: str) -> list[str]:
    """Return the values of HASHED_DETAILS."""
    values = {
        "actor_label": by.label[:LABEL_MAX],
        "subject_label": label[:LABEL_MAX],
        "address": by.address[:ADDRESS_MAX],
        "changes": compact_json(changes),
        "reason": reason,
        "salt": secrets.token_hex(16),
    }
    return [values[name] for name in HASHED_DETAILS]


def _without_secrets(name: str, pair: tuple[Value, Value]) -> list[Value]:
    return [None, CHANGED] if name in SECRETS else list(pair)


def _text(value: object) -> Value:
    if value is None:
        return None
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value.value) if isinstance(value, StrEnum) else str(value)


def _append_records(records: list[PendingRecord]) -> None:
    """Append the records of a transaction to one shard, which stays locked until the commit."""
    append(db.session.connection(), secrets.randbelow(SHARDS), [(each.hashed, each.details) for each in records])
    db.session.info["last_record_ids"] = [each.id for each in records]
