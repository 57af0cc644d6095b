"""Scheduled exports and their runs in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat
from webapp.core.schemas import EtagSchema, Schema, UtcTime, inline
from webapp.core.texts import TIMEZONE_MAX
from webapp.directory.views.models import ADDRESS_MAX
from webapp.jobs.timetables import TIME_MAX
from webapp.lists.schemas import CountOut
from webapp.recurring.models import NAME_MAX
from webapp.scheduled_exports.checks import ExportValues
from webapp.scheduled_exports.models import (
    COLUMNS_MAX,
    KEEP_DEFAULT,
    KEEP_MAX,
    ExportRun,
    RunOutcome,
    ScheduledExport,
)

FormatName = Literal["csv", "xlsx", "jsonl", "ldif"]
HeadingsName = Literal["labels", "keys"]
LocaleName = Literal["en", "ru"]
TargetName = Literal["mail", "folder"]
ColumnName = Annotated[str, Field(max_length=100)]
ADDRESS = "Which people: the parameters of the list of users, as in its address. Empty: everyone."
COLUMNS = "Keys of columns such as `email` or `attributes.floor`. `null`: all, also attributes that are added later."
TARGET = "`mail`: a link to the file by e-mail. `folder`: a file in `EXPORT_DIR`; takes `users.export` everywhere."
_EXAMPLE: Any = {
    "name": "Active people",
    "address": "status=active",
    "columns": ["email", "name", "groups"],
    "format": "csv",
    "headings": "keys",
    "time_of_day": "06:00",
    "timezone": "Europe/Berlin",
    "weekday": 0,
}


class ExportPath(BaseModel):
    export_id: UUID = Field(description="The ID of the scheduled export.")


class ScheduledExportIn(Schema):
    """A new scheduled export. Its files have what you may see and export when they are created."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(min_length=1, max_length=NAME_MAX)
    address: str = Field("", max_length=ADDRESS_MAX, description=ADDRESS)
    columns: list[ColumnName] | None = Field(None, max_length=COLUMNS_MAX, description=COLUMNS)
    format: FormatName = "csv"
    headings: HeadingsName = Field(
        "labels", description="Texts in the language `locale`, or keys. Only for CSV and XLSX."
    )
    locale: LocaleName = "en"
    target: TargetName = Field("mail", description=TARGET)
    keep: int = Field(KEEP_DEFAULT, ge=1, le=KEEP_MAX, description="How many files are kept.")
    time_of_day: str = Field(max_length=TIME_MAX, description="When it runs: `HH:MM`.")
    timezone: str = Field("UTC", max_length=TIMEZONE_MAX, description="The IANA name of the time zone of the time.")
    weekday: int | None = Field(None, ge=0, le=6, description="0 is Monday. `null`: every day.")

    @property
    def values(self) -> ExportValues:
        """The arguments of the service."""
        return cast(ExportValues, self.model_dump())


class ScheduledExportPatch(Schema):
    """Changes of a scheduled export. Fields that you leave out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"time_of_day": "07:00", "weekday": None}]})

    # The defaults are never used: the API reads only the fields that were sent.
    name: str = Field(default_factory=str, min_length=1, max_length=NAME_MAX)
    address: str = Field(default_factory=str, max_length=ADDRESS_MAX, description=ADDRESS)
    columns: list[ColumnName] | None = Field(None, max_length=COLUMNS_MAX, description=COLUMNS)
    format: FormatName = Field(default_factory=lambda: "csv")
    headings: HeadingsName = Field(default_factory=lambda: "labels")
    locale: LocaleName = Field(default_factory=lambda: "en")
    target: TargetName = Field(default_factory=lambda: "mail", description=TARGET)
    keep: int = Field(default_factory=int, ge=1, le=KEEP_MAX)
    time_of_day: str = Field(default_factory=str, max_length=TIME_MAX)
    timezone: str = Field(default_factory=str, max_length=TIMEZONE_MAX)
    weekday: int | None = Field(None, ge=0, le=6)

    @property
    def changes(self) -> ExportValues:
        return cast(ExportValues, self.model_dump(exclude_unset=True))


class ScheduledExportOut(EtagSchema):
    """A scheduled export."""

    id: UUID
    name: str
    address: str
    columns: list[str] | None
    format: Annotated[FileFormat, inline(FileFormat)]
    headings: Annotated[Headings, inline(Headings)]
    locale: str
    target: TargetName
    keep: int
    time_of_day: str
    timezone: str
    weekday: int | None
    owner_id: UUID | None
    next_run_at: UtcTime | None = Field(description="`null` while it is paused.")
    paused_at: UtcTime | None
    pause_reason: str = Field(description="Why Rollcall paused it. Empty if a person did.")
    last_run_at: UtcTime | None
    last_outcome: Annotated[RunOutcome, inline(RunOutcome)] | None
    last_message: str
    created_at: UtcTime
    version: int

    @classmethod
    def of(cls, export: ScheduledExport) -> Self:
        values = {name: getattr(export, name) for name in cls.model_fields.keys() - {"address", "owner_id"}}
        return cls(**values, address=export.list_address, owner_id=export.requested_by_id)


class ScheduledExportsPage(Schema):
    items: list[ScheduledExportOut]
    next: str | None
    previous: str | None
    count: CountOut


class ExportRunOut(Schema):
    """One run of a scheduled export. Download the file of its job: `GET /jobs/{job_id}/file`."""

    id: UUID
    started_at: UtcTime
    ended_at: UtcTime | None = Field(description="`null` while it runs.")
    outcome: Annotated[RunOutcome, inline(RunOutcome)] | None
    message: str
    filename: str
    people: int
    job_id: UUID | None

    @classmethod
    def of(cls, run: ExportRun) -> Self:
        return cls.model_validate(run)


class ExportRunsPage(Schema):
    items: list[ExportRunOut]
    next: str | None
    previous: str | None
    count: CountOut
