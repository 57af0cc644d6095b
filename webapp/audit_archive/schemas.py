"""Archives in JSON."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field

from webapp.audit.archive_models import AuditArchive
from webapp.core.schemas import Schema, UtcTime
from webapp.lists.schemas import CountOut


class ArchiveOut(Schema):
    """One file with records of the audit trail that are no longer in the database."""

    id: UUID
    number: int = Field(description="Archives are numbered from 1, without gaps.")
    file: str = Field(description="The name of the file.")
    before: UtcTime = Field(description="All records of the archive are older.")
    records: int
    size: int | None = Field(description="Bytes of the file.")
    file_hash: str | None = Field(description="SHA-256 of the file.")
    encrypted: bool
    state: str = Field(description="`writing`, `removing` (the file is complete) or `finished`.")
    created_at: UtcTime

    @classmethod
    def of(cls, archive: AuditArchive) -> Self:
        return cls(
            id=archive.id,
            number=archive.number,
            file=archive.file,
            before=archive.before,
            records=archive.records,
            size=archive.size,
            file_hash=archive.file_hash,
            encrypted=archive.encrypted,
            state=archive.state,
            created_at=archive.created_at,
        )


class ArchivePage(Schema):
    """A page of archives. `next` and `previous` are values of `after` and `before`."""

    items: list[ArchiveOut]
    next: str | None
    previous: str | None
    count: CountOut
