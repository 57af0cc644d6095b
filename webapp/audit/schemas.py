"""Audit records in JSON."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import Field

from webapp.audit.models import AuditRecord
from webapp.core.schemas import Schema, UtcTime


class RecordActorOut(Schema):
    kind: str = Field(description="`user`, `token`, `command` or `system`.")
    id: UUID | None
    name: str
    token_id: UUID | None

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        return cls(kind=record.actor_kind, id=record.actor_id, name=record.actor_label, token_id=record.token_id)


class RecordSubjectOut(Schema):
    kind: str = Field(description="What was changed, for example `user`, `group` or `role`.")
    id: UUID
    name: str

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        return cls(kind=record.subject_kind, id=record.subject_id, name=record.subject_label)


class AuditRecordOut(Schema):
    """One change of one subject. The details are empty if they were erased with a person."""

    id: UUID
    action: str = Field(description="For example `user.created`.")
    at: UtcTime
    actor: RecordActorOut
    subject: RecordSubjectOut
    changes: dict[str, list[Any]] = Field(description="Field → [before, after], without secrets.")
    reason: str
    address: str = Field(description="The IP address of the client.")
    request_id: str
    batch_id: UUID | None = Field(description="Records of one change of several subjects share it.")
    undoes_id: UUID | None = Field(description="The record that this one undoes.")
    undone_by_id: UUID | None = Field(description="The record that undoes this one.")
    erased: bool = Field(description="Whether the details were erased with a person.")

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        return cls(
            id=record.id,
            action=record.action,
            at=record.at,
            actor=RecordActorOut.of(record),
            subject=RecordSubjectOut.of(record),
            changes=record.changes,
            reason=record.reason,
            address=record.address,
            request_id=record.request_id,
            batch_id=record.batch_id,
            undoes_id=record.undoes_id,
            undone_by_id=record.undone_by_id,
            erased=record.erased,
        )
