"""Query parameters of the pages of imports, and imports in JSON."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.bulk.models import HASH_LENGTH
from webapp.core.schemas import Base64Text, Schema, UtcTime, inline
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.models import (
    FILENAME_MAX,
    KEY_FIELD_MAX,
    THRESHOLD_DEFAULT,
    Import,
    ImportRow,
    Mode,
    Outcome,
    State,
)
from webapp.imports.options import Options
from webapp.lists.schemas import CountOut, PageQuery

# A file in JSON is in memory as a whole.
API_MB = 16
_ROW = "Rows count from 1, the first row of the file."
ModeName = Literal["create", "update", "upsert", "match"]
_FILE = base64.b64encode(b"email,name\nanna@example.com,Anna\n").decode()


class RowsQuery(PageQuery):
    """`outcome` filters the rows."""

    outcome: Outcome | None = Field(None, description="Only rows with this outcome.")


class ImportPath(BaseModel):
    import_id: UUID = Field(description="The ID of the import.")


class ImportOptions(Schema):
    """What to do with the rows."""

    mode: ModeName = Field("create", description="`match` also deactivates people whom the file lacks.")
    key: str = Field(
        "email", max_length=KEY_FIELD_MAX, description="How people are found: `email`, `username`, `id`, `attr.KEY`."
    )
    invite: bool = Field(False, description="Invite the new people who have no password.")
    threshold: int = Field(
        THRESHOLD_DEFAULT, ge=0, le=100, description="`match` deactivates no one if more percent are missing."
    )
    mapping: dict[str, Any] | None = Field(None, description="As `mapping` of the import. By default as recognised.")

    def options(self, imported: Import) -> Options:
        """Raise Invalid if the mapping is not one."""
        before = Mapping.from_json(imported.mapping)
        headings = FileInfo.from_json(imported.info).headings
        mapping = Mapping.from_json(self.mapping).fit(headings) if self.mapping else before
        return Options(mapping, Mode(self.mode), self.key, self.invite, self.threshold)


class ImportIn(ImportOptions):
    """A file with people. Nobody is changed before you apply the plan."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"filename": "people.csv", "content": _FILE}]})

    filename: str = Field("", max_length=FILENAME_MAX)
    content: Base64Text = Field(
        min_length=1, max_length=API_MB * 1024 * 1024 * 4 // 3, description=f"The file, at most {API_MB} MB, in Base64."
    )
    encoding: str = Field("", max_length=40, description="By default it is recognised.")
    format: str = Field("", max_length=40, description="By default it is recognised.")

    @property
    def file(self) -> bytes:
        return base64.b64decode(self.content)


class ImportPreviewIn(ImportOptions):
    """Other options for the file."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mode": "upsert", "key": "email"}]})


class ImportApplicationIn(Schema):
    """The plan to apply."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"plan_hash": "0" * HASH_LENGTH}]})

    plan_hash: str = Field(
        min_length=HASH_LENGTH, max_length=HASH_LENGTH, description="`plan_hash` of the import that you checked."
    )


class ImportOut(Schema):
    """One import of a file."""

    id: UUID
    filename: str
    mode: ModeName
    key: str = Field(validation_alias="key_field")
    state: Annotated[State, inline(State)] = Field(
        description="Jobs continue `planning`, `applying` and `undoing`. Read it again until they end."
    )
    total: int = Field(description="How many rows are in the plan.")
    counts: dict[str, int] = Field(description="Outcome → number of rows.")
    missing: int = Field(description="`match`: how many people the file lacks.")
    plan_hash: str = Field(description="Send it to apply this plan. Empty before there is one.")
    encodings: list[str] = Field(description="If there are several, send the file again with one as `encoding`.")
    mapping: dict[str, Any]
    requested_by_id: UUID | None
    job_id: UUID | None
    created_at: UtcTime
    applied_at: UtcTime | None
    undone_at: UtcTime | None

    @classmethod
    def of(cls, imported: Import) -> Self:
        names = cls.model_fields.keys() - {"key", "encodings", "mapping"}
        values = {name: getattr(imported, name) for name in names}
        encodings = list((imported.info or {}).get("encodings", []))
        return cls(**values, key_field=imported.key_field, encodings=encodings, mapping=imported.mapping or {})


class ImportPage(Schema):
    items: list[ImportOut]
    next: str | None
    previous: str | None
    count: CountOut


class ImportRowOut(Schema):
    """One row of the file, or a person whom the file lacks."""

    number: int = Field(description=_ROW)
    label: str
    outcome: Outcome
    message: str | None
    user_id: UUID | None
    changes: dict[str, list[Any]] = Field(description="Field → values before and after.")

    @classmethod
    def of(cls, row: ImportRow, changes: dict[str, list[Any]]) -> Self:
        names = ("number", "label", "outcome", "message", "user_id")
        return cls(**{name: getattr(row, name) for name in names}, changes=changes)


class ImportRowsPage(Schema):
    items: list[ImportRowOut]
    next: str | None
    previous: str | None
    count: CountOut
