"""Saved mappings in JSON."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.core.schemas import Schema, UtcTime
from webapp.imports.models import EMAIL, MAPPING_NAME_MAX, THRESHOLD_DEFAULT, Mode, SavedMapping
from webapp.imports.schemas import ModeName
from webapp.lists.schemas import CountOut


class MappingPath(BaseModel):
    mapping_id: UUID = Field(description="The ID of the saved mapping.")


class MappingPatch(Schema):
    """The new name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Staff list"}]})

    name: str | None = Field(None, min_length=1, max_length=MAPPING_NAME_MAX)


class MappingOut(Schema):
    """What the columns of a kind of file mean, and what to do with its rows."""

    id: UUID
    name: str
    mode: ModeName
    key: str = Field(description="How people are found: `email`, `username`, `id`, `attr.KEY`.")
    threshold: int
    mapping: dict[str, Any] = Field(description="As `mapping` of an import.")
    saved_by_id: UUID | None
    saved_at: UtcTime
    last_used_at: UtcTime | None = Field(description="When it last fitted a file.")

    @classmethod
    def of(cls, saved: SavedMapping) -> Self:
        names = ("id", "name", "mapping", "saved_by_id", "saved_at", "last_used_at")
        options = saved.options
        return cls(
            **{name: getattr(saved, name) for name in names},
            mode=options.get("mode", Mode.CREATE.value),
            key=options.get("key_field", EMAIL),
            threshold=options.get("threshold", THRESHOLD_DEFAULT),
        )


class MappingPage(Schema):
    items: list[MappingOut]
    next: str | None
    previous: str | None
    count: CountOut
