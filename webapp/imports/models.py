"""Tables of imports: the import, its file in sealed parts, its rows and their keys, and saved mappings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, column_property, foreign, mapped_column, relationship, remote

from webapp.attributes.models import PARAMETER_PREFIX
from webapp.bulk.models import HASH_LENGTH, Requested
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant, key_string
from webapp.jobs.models import StopRequest
from webapp.users.models import User

FILENAME_MAX = 200
LABEL_MAX = 254
MAPPING_NAME_MAX = 80
KEY_FIELD_MAX = 64
THRESHOLD_DEFAULT = 10
# Bytes of a part of a file before it is sealed.
PART_BYTES = 256 * 1024


class State(StrEnum):
    """uploaded → planning → planned → applying → applied → undoing → undone."""

    UPLOADED = "uploaded"
    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


# A job works on imports in these states.
RUNNING_STATES = (State.PLANNING, State.APPLYING, State.UNDOING)


class Mode(StrEnum):
    """What an import does. MATCH is UPSERT, and deactivates the people that the file does not have."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"
    MATCH = "match"


class Step(StrEnum):
    """What a job does now: the rows, then managers who are in the file themselves, then people whom the file lacks."""

    ROWS = "rows"
    MANAGERS = "managers"
    MISSING = "missing"


class Outcome(StrEnum):
    """What happens to a row. The first six are of the preview. DEACTIVATE: a person whom the file lacks."""

    CREATE = "create"
    UPDATE = "update"
    DEACTIVATE = "deactivate"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"
    CREATED = "created"
    UPDATED = "updated"
    DEACTIVATED = "deactivated"
    OVERTAKEN = "overtaken"
    SKIPPED = "skipped"
    UNDONE = "undone"
    KEPT = "kept"


PLANNED_CHANGES = (Outcome.CREATE, Outcome.UPDATE, Outcome.DEACTIVATE)
APPLIED_CHANGES = (Outcome.CREATED, Outcome.UPDATED, Outcome.DEACTIVATED)
# The rows that can be corrected in a file and imported again.
NOT_IMPORTED = (Outcome.CONFLICT, Outcome.REFUSED, Outcome.OVERTAKEN, Outcome.SKIPPED)

EMAIL, USERNAME, ID = "email", "username", "id"
KEY_FIELDS = (EMAIL, USERNAME, ID)


def attribute_of_key(key: str) -> str | None:
    """Return the key of the attribute by which rows are matched. None for a field of Rollcall."""
    return key.removeprefix(PARAMETER_PREFIX) if key.startswith(PARAMETER_PREFIX) else None


class Import(Requested, Model):
    """One file, how it is read, and what becomes of its rows. Its id is the `batch_id` of its audit records.

    `info` is a `FileInfo` and `mapping` a `Mapping` in JSON. `planned_upto` is how many rows of the file are in the
    preview, and `plan_hash` is the hash of the whole preview. `counts` maps an outcome to a number of rows. In the mode
    MATCH, `missing` is the number of people that the file does not have. They are deactivated only if they are at most
    `threshold` percent of all people that the requester can deactivate (`in_scope`).
    """

    __tablename__ = "imports"
    __table_args__ = (Index(None, "requested_by_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    filename: Mapped[str] = mapped_column(String(FILENAME_MAX))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    info: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    mapping: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    mode: Mapped[str] = mapped_column(String(16), default=Mode.CREATE)
    key_field: Mapped[str] = mapped_column(String(KEY_FIELD_MAX), default=EMAIL)
    invite: Mapped[bool] = mapped_column(default=False)
    threshold: Mapped[int] = mapped_column(default=THRESHOLD_DEFAULT)
    state: Mapped[str] = mapped_column(String(16), default=State.UPLOADED)
    step: Mapped[str] = mapped_column(String(16), default=Step.ROWS)
    # Rows of the file, and those of people that the file does not have.
    total: Mapped[int] = mapped_column(default=0)
    planned_upto: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    # The last row whose manager the preview has looked for, and the last person whom it has missed in the file.
    managers_upto: Mapped[int] = mapped_column(default=0)
    missing_upto: Mapped[UUID | None]
    in_scope: Mapped[int] = mapped_column(default=0)
    plan_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), default="")
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    invitations_job_id: Mapped[UUID | None]
    undo_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    # When the file and the passwords in it were deleted, and when the rows were.
    file_deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    emptied_at: Mapped[datetime | None] = mapped_column(Instant)

    requested_by: Mapped[User | None] = relationship(
        primaryjoin=lambda: Import.requested_by_id == foreign(remote(User.id)), viewonly=True, lazy="raise"
    )

    if TYPE_CHECKING:
        stop_request_at: Mapped[datetime | None]

    def count(self, *outcomes: Outcome) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in outcomes)

    @property
    def is_stopping(self) -> bool:
        return bool(self.stop_requested_at or self.stop_request_at)

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING_STATES

    @property
    def was_applied(self) -> bool:
        return self.state in {State.APPLIED, State.UNDOING, State.UNDONE}

    @property
    def is_over_threshold(self) -> bool:
        """Whether the file lacks more people than may be deactivated. Then the import cannot be applied."""
        return self.mode == Mode.MATCH and self.missing * 100 > self.in_scope * self.threshold


# Not a part of the row, which a chunk in progress has locked.
Import.stop_request_at = column_property(
    select(StopRequest.requested_at).where(StopRequest.subject_id == Import.id).scalar_subquery()
)


_HAS_USER = text("user_id IS NOT NULL")
_HAS_MANAGER = text("manager IS NOT NULL")


class ImportRow(Model):
    """One row of a file, or a person that the file does not have, with what becomes of them.

    `values` are the fields of a new person, the changed fields of an existing one, and all fields of a row that is not
    imported. `secret` is the sealed password or password hash; it is deleted with the file. `manager` is the address of
    a manager who does not exist yet. `changes` and `record_ids` have one element for each audit record of an update.
    There are no foreign keys: see `BulkItem`.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index(None, "import_id", "outcome", "number"),
        Index(None, "user_id", postgresql_where=_HAS_USER, sqlite_where=_HAS_USER),
        Index(
            "ix_import_rows_manager", "import_id", "number", postgresql_where=_HAS_MANAGER, sqlite_where=_HAS_MANAGER
        ),
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[UUID | None]
    label: Mapped[str] = mapped_column(String(LABEL_MAX))
    message: Mapped[str | None] = mapped_column(Text)
    values: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    secret: Mapped[str | None] = mapped_column(Text)
    manager: Mapped[str | None] = mapped_column(String(LABEL_MAX))
    changes: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    record_ids: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class ImportKey(Model):
    """A value that only one row of the import may have, as 64 bits of a hash: an address, username or unique value."""

    __tablename__ = "import_keys"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int]


class ImportFilePart(Model):
    """A part of the uploaded file, sealed with SECRET_KEY. All parts but the last have PART_BYTES."""

    __tablename__ = "import_file_parts"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class SavedMapping(Model):
    """A mapping that someone saved by name. `headings_key` recognises files with the same headings.

    `saved_by_id` is None for commands, and if that person was erased. `last_used_at`: when it last fitted a file.
    """

    __tablename__ = "import_mappings"
    __table_args__ = (UniqueConstraint("name_key"), Index(None, "headings_key"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(MAPPING_NAME_MAX))
    name_key: Mapped[str] = mapped_column(key_string(MAPPING_NAME_MAX * 2))
    headings_key: Mapped[str] = mapped_column(String(HASH_LENGTH))
    mapping: Mapped[Any] = mapped_column(JSON)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime] = mapped_column(Instant, default=now)
    saved_by_id: Mapped[UUID | None]
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)

    saved_by: Mapped[User | None] = relationship(
        primaryjoin=lambda: SavedMapping.saved_by_id == foreign(remote(User.id)), viewonly=True, lazy="raise"
    )
