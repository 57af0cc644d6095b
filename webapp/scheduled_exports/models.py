"""Tables of scheduled exports and of their runs."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, synonym

from webapp.db.session import Model
from webapp.directory.views.models import ADDRESS_MAX
from webapp.jobs.models import FILENAME_MAX
from webapp.recurring.models import Recurring, RecurringRun

KEEP_DEFAULT = 14
KEEP_MAX = 1000
# Those of one person.
EXPORTS_MAX = 50
COLUMNS_MAX = 200

_LIVE = text("deleted_at IS NULL")
_DUE = text("next_run_at IS NOT NULL")
_OPEN = text("ended_at IS NULL")


class Target(StrEnum):
    """Where the file goes: a mail with a link to it, or a folder of the server."""

    MAIL = "mail"
    FOLDER = "folder"


class RunOutcome(StrEnum):
    DONE = "done"
    FAILED = "failed"


class ScheduledExport(Recurring, Model):
    """People who match the list with these parameters (`list_address`), as a file, in the name of `requested_by_id`.

    `columns`: keys of the columns; None: all, also new attributes. `locale`: the language of the headings. `keep`: how
    many files are kept.
    """

    __tablename__ = "scheduled_exports"
    __table_args__ = (
        Index("ix_scheduled_exports_asked_by_id", "requested_by_id", postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("ix_scheduled_exports_next_run_at", "next_run_at", postgresql_where=_DUE, sqlite_where=_DUE),
    )

    list_address: Mapped[str] = mapped_column(String(ADDRESS_MAX))
    columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    format: Mapped[str] = mapped_column(String(16))
    headings: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(16))
    keep: Mapped[int] = mapped_column(default=KEEP_DEFAULT)


class ExportRun(RecurringRun, Model):
    """One run of a scheduled export. The job has the file, unless it went to a folder."""

    __tablename__ = "export_runs"
    __table_args__ = (
        Index(None, "export_id", "id"),
        Index("uq_export_runs_export_id", "export_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_export_runs_ended_at", "ended_at"),
    )

    export_id: Mapped[UUID] = mapped_column(ForeignKey("scheduled_exports.id", ondelete="CASCADE"))
    row_id: Mapped[UUID] = synonym("export_id")
    filename: Mapped[str] = mapped_column(String(FILENAME_MAX), default="")
    people: Mapped[int] = mapped_column(default=0)
