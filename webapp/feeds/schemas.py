"""Feeds and their runs in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.core.schemas import EtagSchema, Schema, UtcTime, inline
from webapp.core.texts import TIMEZONE_MAX
from webapp.feeds.checks import HEADER_DEFAULT, FeedValues
from webapp.feeds.models import (
    ENCODING_MAX,
    HEADER_MAX,
    HEADER_VALUE_MAX,
    PATH_MAX,
    Feed,
    FeedRun,
    RunOutcome,
    Source,
)
from webapp.imports.models import KEY_FIELD_MAX, THRESHOLD_DEFAULT
from webapp.imports.schemas import ModeName
from webapp.jobs.timetables import TIME_MAX
from webapp.lists.schemas import CountOut
from webapp.outgoing.urls import URL_MAX
from webapp.recurring.models import NAME_MAX

SourceName = Literal["folder", "address"]
PATH = "`folder`: a path below `FEED_DIR`. Its last part may have `*` and `?`; the newest file is read."
ADDRESS = "`address`: where the file is, with `https`. The rules are those of webhooks. Redirects are not followed."
HEADER = "The secret value of the header. It is never shown. An empty text removes it."
MAPPING = "The ID of a saved import. The feed keeps a copy, so save the feed again after you changed it."
_EXAMPLE: Any = {
    "name": "HR system",
    "source": "address",
    "url": "https://hr.example.org/people.csv",
    "mapping_id": "01a20c33-7cd6-70ee-b0a1-652ec903b536",
    "mode": "match",
    "key": "email",
    "time_of_day": "02:30",
    "timezone": "Europe/Berlin",
}


class FeedPath(BaseModel):
    feed_id: UUID = Field(description="The ID of the feed.")


class FeedIn(Schema):
    """A new feed. It imports in your name."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(min_length=1, max_length=NAME_MAX)
    source: SourceName
    path: str = Field("", max_length=PATH_MAX, description=PATH)
    url: str = Field("", max_length=URL_MAX, description=ADDRESS)
    header_name: str = Field(HEADER_DEFAULT, max_length=HEADER_MAX, description="A header of the request.")
    header: str = Field("", max_length=HEADER_VALUE_MAX, description=HEADER)
    mapping_id: UUID = Field(description=MAPPING)
    encoding: str = Field("", max_length=ENCODING_MAX, description="By default it is recognised.")
    mode: ModeName = Field("match", description="`match` also deactivates people whom the file lacks.")
    key: str = Field(
        "email", max_length=KEY_FIELD_MAX, description="How people are found: `email`, `username`, `id`, `attr.KEY`."
    )
    threshold: int = Field(
        THRESHOLD_DEFAULT, ge=0, le=100, description="`match` stops if more percent of the people are missing."
    )
    invite: bool = Field(False, description="Invite the new people who have no password.")
    time_of_day: str = Field(max_length=TIME_MAX, description="When it runs: `HH:MM`.")
    timezone: str = Field("UTC", max_length=TIMEZONE_MAX, description="The IANA name of the time zone of the time.")
    weekday: int | None = Field(None, ge=0, le=6, description="0 is Monday. `null`: every day.")

    @property
    def feed(self) -> FeedValues:
        """The arguments of the service."""
        return cast(FeedValues, self.model_dump())


class FeedPatch(Schema):
    """Changes of a feed. Fields that you leave out stay as they are. It imports in your name from then on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"time_of_day": "04:00", "threshold": 5}]})

    # The defaults are never used: the API reads only the fields that were sent.
    name: str = Field(default_factory=str, min_length=1, max_length=NAME_MAX)
    source: SourceName = Field(default_factory=lambda: Source.FOLDER.value)
    path: str = Field(default_factory=str, max_length=PATH_MAX, description=PATH)
    url: str = Field(default_factory=str, max_length=URL_MAX, description=ADDRESS)
    header_name: str = Field(default_factory=str, max_length=HEADER_MAX)
    header: str | None = Field(None, max_length=HEADER_VALUE_MAX, description=HEADER)
    mapping_id: UUID | None = Field(None, description=MAPPING)
    encoding: str = Field(default_factory=str, max_length=ENCODING_MAX)
    mode: ModeName = Field(default_factory=lambda: "match")
    key: str = Field(default_factory=str, max_length=KEY_FIELD_MAX)
    threshold: int = Field(default_factory=int, ge=0, le=100)
    invite: bool = Field(default_factory=bool)
    time_of_day: str = Field(default_factory=str, max_length=TIME_MAX)
    timezone: str = Field(default_factory=str, max_length=TIMEZONE_MAX)
    weekday: int | None = Field(None, ge=0, le=6)

    @property
    def changes(self) -> FeedValues:
        return cast(FeedValues, self.model_dump(exclude_unset=True))


class FeedOut(EtagSchema):
    """A feed, without the secret of its header."""

    id: UUID
    name: str
    source: SourceName
    location: str = Field(description="The path below `FEED_DIR`, or the address.")
    header_name: str
    has_header: bool
    mapping_id: UUID
    mapping_name: str
    encoding: str
    mode: ModeName
    key: str
    threshold: int
    invite: bool
    time_of_day: str
    timezone: str
    weekday: int | None
    owner_id: UUID | None = Field(description="The person in whose name it imports.")
    next_run_at: UtcTime | None = Field(description="`null` while it is paused.")
    paused_at: UtcTime | None
    pause_reason: str = Field(description="Why Rollcall paused it. Empty if a person did.")
    last_run_at: UtcTime | None
    last_outcome: Annotated[RunOutcome, inline(RunOutcome)] | None
    last_message: str
    silent_since: UtcTime | None = Field(
        description="Since when there is no new file, if that is three times as long as between two runs."
    )
    created_at: UtcTime
    version: int

    @classmethod
    def of(cls, feed: Feed) -> Self:
        own = {"has_header", "key", "owner_id"}
        values = {name: getattr(feed, name) for name in cls.model_fields.keys() - own}
        secret = feed.sealed_header is not None
        return cls(**values, has_header=secret, key=feed.key_field, owner_id=feed.requested_by_id)


class FeedsOut(Schema):
    """All feeds by name. There are at most 100."""

    items: list[FeedOut]


class FeedRunOut(Schema):
    """One run of a feed."""

    id: UUID
    started_at: UtcTime
    ended_at: UtcTime | None = Field(description="`null` while it runs.")
    outcome: Annotated[RunOutcome, inline(RunOutcome)] | None = Field(
        description="`stopped`: more people were missing than the threshold allows; the import waits for a person."
    )
    message: str
    filename: str
    counts: dict[str, int] = Field(description="Outcome of rows → number.")
    import_id: UUID | None = Field(description="The import that it started. `null`: there was nothing to change.")
    job_id: UUID | None

    @classmethod
    def of(cls, run: FeedRun) -> Self:
        return cls.model_validate(run)


class FeedRunsPage(Schema):
    items: list[FeedRunOut]
    next: str | None
    previous: str | None
    count: CountOut
