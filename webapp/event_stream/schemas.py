"""Events in JSON."""

from __future__ import annotations

from typing import Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from webapp.audit.models import AuditRecord
from webapp.audit.schemas import RecordActorOut, RecordSubjectOut
from webapp.core.schemas import Parameters, Schema, UtcTime
from webapp.event_stream.cursors import LATEST
from webapp.event_stream.queries import Event, EventPage
from webapp.event_stream.waiting import WAIT_MAX
from webapp.lists.schemas import CURSOR_MAX
from webapp.signin.models import SecurityEvent

EVENTS_DEFAULT = 100
EVENTS_MAX = 500


class EventQuery(Parameters):
    model_config = ConfigDict(extra="ignore")

    after: str = Field(
        "",
        max_length=CURSOR_MAX,
        json_schema_extra={"pattern": "^[A-Za-z0-9_.-]*$"},
        description=f"`next` of the previous answer. Without it, or empty: from the oldest event. `{LATEST}`: no"
        " events, only the cursor from which new ones follow.",
    )
    limit: int = Field(EVENTS_DEFAULT, ge=1, le=EVENTS_MAX, description="Events per answer.")
    wait: int = Field(
        0,
        ge=0,
        le=WAIT_MAX,
        description="Seconds to wait for an event if there is none. In each process of the server, one request waits."
        " Others are answered at once.",
    )


class EventOut(Schema):
    """An audit record or a security event. Texts are empty where the details of an erased person were."""

    id: UUID = Field(description="Unique and stable. Use it to drop an event that you got twice.")
    source: Literal["audit", "security"]
    type: str = Field(description="For example `user.created`, `session.started` or `sign_in.failed`.")
    at: UtcTime
    actor: RecordActorOut | None = Field(description="Who made the change. Security events have none.")
    subject: RecordSubjectOut | None = Field(description="None: a failed attempt named no account.")
    changes: dict[str, list[Any]] = Field(description="Field → [before, after], without secrets.")
    reason: str
    address: str = Field(description="The IP address of the client.")
    agent: str = Field(description="The user agent of a security event.")
    request_id: str
    batch_id: UUID | None = Field(description="Records of one change of several subjects share it.")
    undoes_id: UUID | None = Field(description="The record that this one undoes.")

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls._of_security(event) if isinstance(event, SecurityEvent) else cls._of_audit(event)

    @classmethod
    def _of_audit(cls, record: AuditRecord) -> Self:
        return cls(
            id=record.id,
            source="audit",
            type=record.action,
            at=record.at,
            actor=RecordActorOut.of(record),
            subject=RecordSubjectOut.of(record),
            changes=record.changes,
            reason=record.reason,
            address=record.address,
            agent="",
            request_id=record.request_id,
            batch_id=record.batch_id,
            undoes_id=record.undoes_id,
        )

    @classmethod
    def _of_security(cls, event: SecurityEvent) -> Self:
        return cls(
            id=event.id,
            source="security",
            type=event.kind,
            at=event.at,
            actor=None,
            subject=RecordSubjectOut(kind="user", id=event.user_id, name="") if event.user_id else None,
            changes={},
            reason="",
            address=event.address,
            agent=event.agent,
            request_id="",
            batch_id=None,
            undoes_id=None,
        )


class EventPageOut(Schema):
    items: list[EventOut]
    next: str = Field(
        description="The cursor after these events, also if there are none. Keep it and send it as `after`."
    )
    more: bool = Field(description="Whether more events follow now.")

    @classmethod
    def of(cls, page: EventPage) -> Self:
        return cls(items=[EventOut.of(event) for event in page.items], next=str(page.position), more=page.more)
