"""The columns of recurring work and of its runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, relationship, remote

from webapp.bulk.models import Requested
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.types import Instant
from webapp.jobs.timetables import Scheduled, ScheduledRun
from webapp.users.models import User

NAME_MAX = 80


class Recurring(Requested, Scheduled):
    """Work that runs by a timetable, in the name of its owner: the person who saved it last (`requested_by_id`)."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    # Counts changes by people, not those by runs.
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__: dict[str, Any] = {"version_id_col": version, "version_id_generator": False}

    @declared_attr
    def owner(cls) -> Mapped[User | None]:  # noqa: N805  SQLAlchemy calls it with the class
        owner_is = foreign(remote(User.id))
        return relationship(primaryjoin=lambda: owner_is == cls.requested_by_id, viewonly=True, lazy="raise")


class RecurringRun(ScheduledRun):
    """One run. `row_id` is that of the recurring work; each table has its own name for the column."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    row_id: Any
    filename: Mapped[str]
