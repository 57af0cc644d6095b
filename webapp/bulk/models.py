"""Tables of bulk changes: the change, its people, and the parts of an export file."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, String, Table, Text, Uuid, select
from sqlalchemy.orm import Mapped, column_property, foreign, mapped_column, relationship, remote

from webapp.audit.models import ADDRESS_MAX, REASON_MAX, REQUEST_MAX
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.texts import LOCALE_MAX
from webapp.db.session import Model
from webapp.db.types import Instant
from webapp.jobs.models import StopRequest
from webapp.users.models import User

# A request changes at most this many people. More are changed by a job.
REQUEST_PEOPLE_MAX = 200
HASH_LENGTH = 64
VIEW_MAX = 2000


class State(StrEnum):
    """draft → (planning →) planned → (applying →) applied → (undoing →) undone. Jobs use the states in brackets."""

    DRAFT = "draft"
    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


# A job works on bulk changes in these states.
RUNNING_STATES = (State.PLANNING, State.APPLYING, State.UNDOING)


class Outcome(StrEnum):
    """What happens to one person. The preview uses only the first three."""

    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"
    DONE = "done"
    OVERTAKEN = "overtaken"
    SKIPPED = "skipped"
    UNDONE = "undone"
    KEPT = "kept"


class Requested:
    """The columns of a change that a person requests and that jobs continue on their behalf. Imports have them, too.

    `address`, `request_id` and `reason` come from the request that applied or undid the change, for the records that a
    job writes. `token_id` and `scopes` come from the API token of the last request, whose limits jobs have, too.
    """

    # None after the requester was erased.
    requested_by_id: Mapped[UUID | None] = mapped_column("asked_by_id", key="requested_by_id")
    job_id: Mapped[UUID | None]
    stop_requested_at: Mapped[datetime | None] = mapped_column("stop_asked_at", Instant, key="stop_requested_at")
    locale: Mapped[str] = mapped_column(String(LOCALE_MAX), default="en")
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX), default="")
    request_id: Mapped[str] = mapped_column(String(REQUEST_MAX), default="")
    reason: Mapped[str] = mapped_column(String(REASON_MAX), default="")
    # Not a foreign key, because the change outlives the token. NULL: a person asked in the pages.
    token_id: Mapped[UUID | None]
    # Names of permissions. NULL: all permissions of the requester.
    scopes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


class BulkChange(Requested, Model):
    """One change of `total` people. Its id is the `batch_id` of its audit records.

    `view` holds the parameters of the list if all matches were selected, `list_view` those of the list in any case.
    `missing` counts selected people that the requester cannot see. `planned_upto` is the number of the last item in the
    preview, and `plan_hash` is the hash of the whole preview. `counts` maps an outcome to a number of people.
    """

    __tablename__ = "bulk_changes"
    __table_args__ = (Index(None, "requested_by_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    action: Mapped[str] = mapped_column(String(32))
    argument: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    view: Mapped[str | None] = mapped_column(String(VIEW_MAX))
    list_view: Mapped[str | None] = mapped_column(String(VIEW_MAX))
    state: Mapped[str] = mapped_column(String(16), default=State.DRAFT)
    total: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    planned_upto: Mapped[int] = mapped_column(default=0)
    plan_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), default="")
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    undo_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    # When the items were deleted.
    emptied_at: Mapped[datetime | None] = mapped_column(Instant)

    requested_by: Mapped[User | None] = relationship(
        primaryjoin=lambda: BulkChange.requested_by_id == foreign(remote(User.id)), viewonly=True, lazy="raise"
    )

    def count(self, outcome: Outcome) -> int:
        return self.counts.get(outcome, 0)

    if TYPE_CHECKING:
        stop_request_at: Mapped[datetime | None]

    @property
    def is_stopping(self) -> bool:
        return bool(self.stop_requested_at or self.stop_request_at)

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING_STATES

    @property
    def can_be_selected_again(self) -> bool:
        """No one is changed yet, so the list can show the selection for correction."""
        return self.state in {State.DRAFT, State.PLANNING, State.PLANNED}

    @property
    def was_applied(self) -> bool:
        return self.state in {State.APPLIED, State.UNDOING, State.UNDONE}


# Not a part of the row, which a chunk in progress has locked.
BulkChange.stop_request_at = column_property(
    select(StopRequest.requested_at).where(StopRequest.subject_id == BulkChange.id).scalar_subquery()
)


class BulkItem(Model):
    """One person of a bulk change, with the result of the preview, of applying or of undoing.

    `changes` maps field → [before, after] for each record, and `record_ids` are the ids of these records. There are no
    foreign keys, because a snapshot of a million people would check two million rows. Code that deletes a person or a
    bulk change deletes the items.
    """

    __tablename__ = "bulk_items"
    __table_args__ = (Index(None, "bulk_id", "outcome", "number"), Index(None, "user_id"))

    bulk_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[UUID]
    outcome: Mapped[str | None] = mapped_column(String(16))
    message: Mapped[str | None] = mapped_column("words", Text, key="message")
    changes: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    record_ids: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)

    user: Mapped[User] = relationship(
        primaryjoin=lambda: BulkItem.user_id == foreign(remote(User.id)), viewonly=True, lazy="raise"
    )


# Only servers of the version before use this table. It stays until all of them are upgraded.
OLD_PARTS = Table(
    "bulk_parts",
    Model.metadata,
    Column("bulk_id", Uuid(), primary_key=True),
    Column("number", Integer(), primary_key=True, autoincrement=False),
    Column("content", LargeBinary(), nullable=False),
)
