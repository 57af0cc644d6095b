"""Notes in JSON."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.core.schemas import EtagSchema, Schema, UtcTime
from webapp.lists.page import Page
from webapp.notes.models import NOTE_MAX, Note

TEXT = "Plain text with line breaks."


class NotePath(BaseModel):
    user_id: UUID
    note_id: UUID


class NoteIn(Schema):
    """A new note, or a new text of a note."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "On leave until May.\nCall first."}]})

    text: str = Field(min_length=1, max_length=NOTE_MAX, description=TEXT)


class NotePatch(Schema):
    """A new text of a note."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Back since April."}]})

    # The default is never used: the API reads only the fields that were sent.
    text: str = Field(default_factory=str, min_length=1, max_length=NOTE_MAX, description=TEXT)


class NoteOut(EtagSchema):
    """A note about a user."""

    id: UUID
    user_id: UUID
    text: str
    author_id: UUID | None = Field(description="`null` if a program wrote it or its author was erased.")
    author_name: str
    created_at: UtcTime
    edited_at: UtcTime | None
    version: int

    @classmethod
    def of(cls, note: Note) -> Self:
        return cls.model_validate(note)


class NoteCount(Schema):
    value: int
    exact: bool


class NotePage(Schema):
    """A page of notes, newest first. `next` and `previous` are values of `after` and `before`."""

    items: list[NoteOut]
    next: str | None
    previous: str | None
    count: NoteCount

    @classmethod
    def of(cls, page: Page[Note]) -> Self:
        return cls(
            items=[NoteOut.of(note) for note in page.items],
            next=page.next,
            previous=page.previous,
            count=NoteCount(value=page.count.value, exact=page.count.exact),
        )
