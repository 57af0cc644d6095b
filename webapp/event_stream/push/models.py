"""The target of the push, how far it is, and how the last attempts went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.db.session import Model
from webapp.db.types import Instant
from webapp.outgoing.urls import URL_MAX

ONLY_ROW = 1
ERROR_MAX = 500
AUTHORIZATION_MAX = 1000


class EventPush(Model):
    """There is at most one target. Its scheme says how events are sent: `https` or `syslog+tls`.

    `cursor` is the position in the stream after the last event that was received. Only the holder of the lease sends.
    `version` counts changes by people, not those by the sender.
    """

    __tablename__ = "event_push"
    __table_args__ = (CheckConstraint(f"id = {ONLY_ROW}", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=ONLY_ROW, autoincrement=False)
    address: Mapped[str] = mapped_column(String(URL_MAX))
    # The encrypted value of the header Authorization.
    sealed_authorization: Mapped[str | None] = mapped_column(Text)
    cursor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    sent: Mapped[int] = mapped_column(BigInteger, default=0)
    last_sent_at: Mapped[datetime | None] = mapped_column(Instant)
    # Failed attempts since the last one that succeeded.
    failures: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str | None] = mapped_column(String(ERROR_MAX))
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    test_requested_at: Mapped[datetime | None] = mapped_column(Instant)
    tested_at: Mapped[datetime | None] = mapped_column(Instant)
    test_error: Mapped[str | None] = mapped_column(String(ERROR_MAX))
    lease_holder: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}
