"""A bulk change, the people whom it is about, and the parts of a file that is being made of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from webapp.audit.models import ADDRESS_MAX, REASON_MAX, REQUEST_MAX
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.texts import LOCALE_MAX
from webapp.db.session import Model
from webapp.db.types import Instant
from webapp.users.models import User

# So many people are changed within a request; more of them by a job.
AT_ONCE = 200
HASH_LENGTH = 64
VIEW_MAX = 2000


class State(StrEnum):
    """What becomes of a bulk change: draft → (planning →) planned → (applying →) applied → (undoing →) undone."""

    DRAFT = "draft"
    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


# Those at which a job is.
WORKING = (State.PLANNING, State.APPLYING, State.UNDOING)


class Outcome(StrEnum):
    """What happens to one person; the first three are what the preview says."""

    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"
    DONE = "done"
    OVERTAKEN = "overtaken"
    SKIPPED = "skipped"
    UNDONE = "undone"
    KEPT = "kept"


class BulkChange(Model):
    """One change of `total` people. Its id is the `batch_id` of all that it records.

    `argument` is what the action needs to know, as JSON; `view` the parameters of the list, if all that matched were
    meant; `missing` how many of those chosen are not there for whoever asked. `planned_upto` is the number of the last
    item that the preview knows, `plan_hash` covers all of it. `address`, `request_id` and `reason` are of the request
    that applied or undid it: a job records in its name.
    """

    __tablename__ = "bulk_changes"
    __table_args__ = (Index(None, "requested_by_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    # None once they are erased.
    requested_by_id: Mapped[UUID | None] = mapped_column("asked_by_id", key="requested_by_id")
    action: Mapped[str] = mapped_column(String(32))
    argument: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    view: Mapped[str | None] = mapped_column(String(VIEW_MAX))
    state: Mapped[str] = mapped_column(String(16), default=State.DRAFT)
    total: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    planned_upto: Mapped[int] = mapped_column(default=0)
    plan_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), default="")
    # Outcome → how many.
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    job_id: Mapped[UUID | None]
    stop_requested_at: Mapped[datetime | None] = mapped_column("stop_asked_at", Instant, key="stop_requested_at")
    undo_id: Mapped[UUID | None]
    locale: Mapped[str] = mapped_column(String(LOCALE_MAX), default="en")
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX), default="")
    request_id: Mapped[str] = mapped_column(String(REQUEST_MAX), default="")
    reason: Mapped[str] = mapped_column(String(REASON_MAX), default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    # When the list of people was removed, long after.
    emptied_at: Mapped[datetime | None] = mapped_column(Instant)

    requested_by: Mapped[User | None] = relationship(
        primaryjoin=lambda: BulkChange.requested_by_id == foreign(remote(User.id)), viewonly=True, lazy="raise"
    )

    def count(self, *outcomes: str) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in outcomes)

    @property
    def working(self) -> bool:
        return self.state in WORKING

    @property
    def previewed(self) -> bool:
        """Whether what stands in its items is a preview that can be applied."""
        return self.state == State.PLANNED

    @property
    def over(self) -> bool:
        return self.state in {State.APPLIED, State.UNDOING, State.UNDONE}


class BulkItem(Model):
    """One person of a bulk change: what is to happen to them, or happened.

    `changes` are those of each record, field → [before, after]; `record_ids` the records. No foreign keys: to freeze a
    million people would look up two million rows. Whoever erases a person or a change erases these.
    """

    __tablename__ = "bulk_items"
    __table_args__ = (Index(None, "bulk_id", "outcome", "number"), Index(None, "user_id"))

    bulk_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[UUID]
    outcome: Mapped[str | None] = mapped_column(String(16))
    words: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    record_ids: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)

    user: Mapped[User] = relationship(
        primaryjoin=lambda: BulkItem.user_id == foreign(remote(User.id)), viewonly=True, lazy="raise"
    )


class BulkPart(Model):
    """A part of the file that a job makes of the people; gone once the file is whole."""

    __tablename__ = "bulk_parts"

    bulk_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
