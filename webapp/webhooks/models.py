"""Endpoints of other systems, what is to be delivered to them, and which process delivers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant
from webapp.outgoing.urls import URL_MAX

DESCRIPTION_MAX = 200
ENDPOINTS_MAX = 50
EVENT_MAX = 64
# Characters of an answer that are kept.
ANSWER_MAX = 2000
ERROR_MAX = 200
OVERLAP_HOURS_DEFAULT = 24
OVERLAP_HOURS_MAX = 168
ONLY_ROW = 1

_LIVE = text("deleted_at IS NULL")
_PENDING = text("next_attempt_at IS NOT NULL")


class EndpointState(StrEnum):
    ACTIVE = "active"
    FAILING = "failing"
    PAUSED = "paused"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Endpoint(Model):
    """An address that gets events. `position` has, for each shard of the audit trail, the last record that was read.

    `failing_since` is the first failure after the last success. `paused_by_failures`: no person paused it.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (Index("ix_webhook_endpoints_live_id", "id", postgresql_where=_LIVE, sqlite_where=_LIVE),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[str] = mapped_column(String(URL_MAX))
    description: Mapped[str] = mapped_column(String(DESCRIPTION_MAX))
    events: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[list[int]] = mapped_column(JSON)
    sealed_secret: Mapped[str] = mapped_column(Text)
    # The secret before the last rotation, with which deliveries are signed as well until the time.
    sealed_previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_secret_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    # The person who gets an e-mail if it is paused. Not a foreign key, because the endpoint outlives them.
    created_by_id: Mapped[UUID | None]
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_by_failures: Mapped[bool] = mapped_column(default=False)
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def name(self) -> str:
        """The name in audit records."""
        return self.description or self.url

    @property
    def state(self) -> EndpointState:
        if self.paused_at:
            return EndpointState.PAUSED
        return EndpointState.FAILING if self.failing_since else EndpointState.ACTIVE


class Delivery(Model):
    """An event for one endpoint, and its last attempt. `seq` orders the deliveries of an endpoint.

    `next_attempt_at` is NULL when no attempt follows. `record_id` is the audit record, from which the body is built;
    NULL for a test event. `status` and `answer` are what the endpoint answered, `error` why there is no answer.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("id"),
        Index("ix_webhook_deliveries_endpoint_id_id", "endpoint_id", "id"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
        Index("ix_webhook_deliveries_subject_id", "subject_id"),
        Index(
            "ix_webhook_deliveries_due",
            "endpoint_id",
            "next_attempt_at",
            "seq",
            postgresql_where=_PENDING,
            sqlite_where=_PENDING,
        ),
        Index(
            "ix_webhook_deliveries_order",
            "endpoint_id",
            "subject_id",
            "seq",
            postgresql_where=_PENDING,
            sqlite_where=_PENDING,
        ),
    )

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    record_id: Mapped[UUID | None]
    event: Mapped[str] = mapped_column(String(EVENT_MAX))
    subject_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant, default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(String(ERROR_MAX), default="")
    milliseconds: Mapped[int | None]

    @property
    def state(self) -> DeliveryState:
        if self.next_attempt_at:
            return DeliveryState.WAITING
        return DeliveryState.DELIVERED if self.delivered_at else DeliveryState.FAILED


class SenderLease(Model):
    """The worker process that delivers now. There is at most one row, and one process delivers at a time."""

    __tablename__ = "webhook_sender"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ONLY_ROW)
    holder: Mapped[str] = mapped_column(String(64))
    lease_until: Mapped[datetime] = mapped_column(Instant)
