"""Tables of feeds and of their runs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, synonym

from webapp.bulk.models import HASH_LENGTH
from webapp.db.session import Model
from webapp.db.types import Instant, key_string
from webapp.imports.models import EMAIL, FILENAME_MAX, KEY_FIELD_MAX, MAPPING_NAME_MAX, THRESHOLD_DEFAULT, Mode
from webapp.outgoing.urls import URL_MAX
from webapp.recurring.models import NAME_MAX, Recurring, RecurringRun

PATH_MAX = 500
ENCODING_MAX = 40
HEADER_MAX = 100
HEADER_VALUE_MAX = 1000
FEEDS_MAX = 100

_LIVE = text("deleted_at IS NULL")
_DUE = text("next_run_at IS NOT NULL")
_OPEN = text("ended_at IS NULL")


class Source(StrEnum):
    """Where the file comes from: a folder below FEED_DIR, or a server."""

    FOLDER = "folder"
    ADDRESS = "address"


class RunOutcome(StrEnum):
    """How a run ended. STOPPED: beyond the threshold; the preview waits for a person."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SAME_FILE = "same_file"
    STOPPED = "stopped"
    FAILED = "failed"


# A person should look at these.
PROBLEMS = (RunOutcome.STOPPED, RunOutcome.FAILED)
# Nobody has to know that nothing happened.
UNEVENTFUL = (RunOutcome.UNCHANGED, RunOutcome.SAME_FILE)


class Feed(Recurring, Model):
    """A file that is imported regularly, in the name of its owner: the person who saved it last (`requested_by_id`).

    `location`: a path below FEED_DIR, whose last part may have wildcards, or a URL. `sealed_header` is the encrypted
    value of the request header `header_name`. `mapping` is a copy of the saved mapping, so that nobody else changes
    what is imported in the name of the owner. `last_digest` is the SHA-256 of the last file that was imported.
    `waiting_since`: when the last new file came, or when the feed began to wait for one. `silent_at`: when Rollcall
    told the owner that the source sends nothing new. None: it sends.
    """

    __tablename__ = "feeds"
    __table_args__ = (
        Index("uq_feeds_name_key", "name_key", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
        Index("ix_feeds_next_run_at", "next_run_at", postgresql_where=_DUE, sqlite_where=_DUE),
    )

    name_key: Mapped[str] = mapped_column(key_string(NAME_MAX * 2))
    source: Mapped[str] = mapped_column(String(16))
    location: Mapped[str] = mapped_column(String(URL_MAX))
    header_name: Mapped[str] = mapped_column(String(HEADER_MAX), default="")
    sealed_header: Mapped[str | None] = mapped_column(Text)
    mapping_id: Mapped[UUID]
    mapping_name: Mapped[str] = mapped_column(String(MAPPING_NAME_MAX))
    mapping: Mapped[Any] = mapped_column(JSON)
    encoding: Mapped[str] = mapped_column(String(ENCODING_MAX), default="")
    mode: Mapped[str] = mapped_column(String(16), default=Mode.MATCH)
    key_field: Mapped[str] = mapped_column(String(KEY_FIELD_MAX), default=EMAIL)
    threshold: Mapped[int] = mapped_column(default=THRESHOLD_DEFAULT)
    invite: Mapped[bool] = mapped_column(default=False)
    last_digest: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    silent_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def silent_since(self) -> datetime | None:
        """Since when there is no new file, if its source is silent."""
        return self.waiting_since if self.silent_at else None

    @property
    def import_mode(self) -> Mode:
        return Mode(self.mode)


class FeedRun(RecurringRun, Model):
    """One run of a feed. `import_id` is the import that it started, which may be deleted earlier than the run."""

    __tablename__ = "feed_runs"
    __table_args__ = (
        Index(None, "feed_id", "id"),
        Index("uq_feed_runs_feed_id", "feed_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_feed_runs_ended_at", "ended_at"),
    )

    feed_id: Mapped[UUID] = mapped_column(ForeignKey("feeds.id", ondelete="CASCADE"))
    row_id: Mapped[UUID] = synonym("feed_id")
    import_id: Mapped[UUID | None]
    # How often the file was tried to be read.
    tries: Mapped[int] = mapped_column(default=0)
    filename: Mapped[str] = mapped_column(String(FILENAME_MAX), default="")
    digest: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
