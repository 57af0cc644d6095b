"""Parameters of the audit page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.schemas import AuditRecordOut
from webapp.core.schemas import Schema, SearchText, UtcTime
from webapp.lists.schemas import CountOut, PageQuery

PERSON_MAX = 254
FIELD_MAX = 64
TIME_MAX = 32
FILTERS = ("actor", "subject", "action", "field", "since", "until")


def _day_or_time(text: str) -> str:
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise PydanticCustomError("date_or_time", "use ISO 8601") from None
    return text


DayOrTime = Annotated[str, AfterValidator(_day_or_time), Field(max_length=TIME_MAX)]


class HistoryQuery(PageQuery):
    """`actor` and `subject` are names, e-mail addresses, usernames or ids.

    `since` and `until` are ISO 8601 days or times in the viewer's time zone. A day `until` is included.
    """

    actor: SearchText = Field(
        "", max_length=PERSON_MAX, description="Only changes that this person made: an e-mail address, username or ID."
    )
    subject: SearchText = Field(
        "",
        max_length=PERSON_MAX,
        description="Only changes of this person, by e-mail address, username or ID. Or of another subject, by its ID.",
    )
    action: Action | None = Field(None, description="Only changes of this kind.")
    field: SearchText = Field(
        "", max_length=FIELD_MAX, description="Only changes of this field, for example `email` or `attributes.office`."
    )
    since: DayOrTime = Field("", description="Only changes on this day or at this time, or later (ISO 8601).")
    until: DayOrTime = Field("", description="Only changes up to the end of this day, or before this time (ISO 8601).")

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, without paging."""
        return {name: str(value) for name in FILTERS if (value := getattr(self, name))}


class AuditRecordPath(BaseModel):
    record_id: UUID = Field(description="The ID of the audit record.")


class AuditRecordPage(Schema):
    """A page of audit records. `next` and `previous` are values of `after` and `before`."""

    items: list[AuditRecordOut]
    next: str | None
    previous: str | None
    count: CountOut
    archived_before: UtcTime | None = Field(description="Records before this time are in archives, and not listed.")


class ActivityOut(Schema):
    """A change of a user, as the page of their activity shows it."""

    id: UUID
    action: str = Field(description="For example `user.updated`.")
    at: UtcTime
    actor: str = Field(description="The name of the person or program that made the change. Empty if it was erased.")
    changes: dict[str, list[Any]] = Field(description="Field → [before, after], without secrets.")
    reason: str
    undone: bool

    @classmethod
    def of(cls, record: AuditRecord, changes: dict[str, list[Any]]) -> Self:
        return cls(
            id=record.id,
            action=record.action,
            at=record.at,
            actor=record.actor_label,
            changes=changes,
            reason=record.reason,
            undone=record.undone_by_id is not None,
        )


class ActivityPage(Schema):
    """A page of changes of a user. `next` and `previous` are values of `after` and `before`."""

    items: list[ActivityOut]
    next: str | None
    previous: str | None
    count: CountOut
    archived_before: UtcTime | None = Field(description="Records before this time are in archives, and not listed.")


class UndoOut(Schema):
    """The audit record of the change that undid another one."""

    record_id: UUID


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
