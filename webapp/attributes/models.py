"""Tables of attribute definitions, and of the values of unique attributes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, Uuid, column, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.texts import _, language
from webapp.db.session import Model
from webapp.db.types import Instant

KEY_MAX = 40
LABEL_MAX = 80
HELP_MAX = 300
CHOICE_MAX = 80
CHOICES_MAX = 200
ATTRIBUTES_MAX = 100
TEXT_MAX = 500
# Lists sort by this many characters of a text. A cursor contains them.
SORT_MAX = 100
# Larger numbers are not exact in every JSON parser (RFC 8259, section 6).
NUMBER_MAX = 10**15
HASH_LENGTH = 64
# An attribute's field in forms, JSON errors, files and audit records is this prefix and its key.
FIELD_PREFIX = "attributes."
# Its parameter in the address of a list, and its field in a search, is this prefix and its key.
PARAMETER_PREFIX = "attr."
LABEL_FIELDS = ("label_en", "label_ru")
# The kind of job that creates or drops the index of an attribute.
INDEX_JOB = "attributes.index"


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    PERSON = "person"


class Visible(StrEnum):
    """Who can see the values of an attribute. See `visibility`."""

    STAFF = "staff"
    ADMINISTRATORS = "administrators"


class Editable(StrEnum):
    """Who can edit the values of an attribute. See `visibility`."""

    THEMSELVES = "themselves"
    STAFF = "staff"
    ADMINISTRATORS = "administrators"


KIND_LABELS = {
    Kind.TEXT: _("Text"),
    Kind.NUMBER: _("Number"),
    Kind.DATE: _("Date"),
    Kind.CHOICE: _("Choice"),
    Kind.YES_NO: _("Yes or no"),
    Kind.PERSON: _("User"),
}
VISIBLE_LABELS = {
    Visible.STAFF: _("People who can see users, and the user"),
    Visible.ADMINISTRATORS: _("Only people who can change settings"),
}
EDITABLE_LABELS = {
    Editable.THEMSELVES: _("People who can change users, and the user"),
    Editable.STAFF: _("People who can change users"),
    Editable.ADMINISTRATORS: _("Only people who can change settings"),
}
UNIQUE_KINDS = frozenset({Kind.TEXT, Kind.NUMBER, Kind.DATE})
SORTABLE_KINDS = frozenset(Kind) - {Kind.PERSON}

# The column type of attribute values.
Values = JSON().with_variant(JSONB(), "postgresql")
# The columns of users that this package reads. It cannot import the User model, because `users` is a higher package.
USERS = table(
    "users",
    column("id", Uuid()),
    column("status"),
    column("name"),
    column("email"),
    column("attributes", Values),
)


@dataclass(frozen=True)
class Choice:
    value: str
    label_en: str
    label_ru: str

    @property
    def label(self) -> str:
        """The label in the current language."""
        return self.label_ru if language() == "ru" else self.label_en


class Attribute(Model):
    """The definition of an attribute. The key of a deleted attribute cannot be used again.

    Lists can be sorted by a `sortable` attribute after a job has created its index and set `indexed_at`.
    """

    __tablename__ = "attributes"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(KEY_MAX))
    kind: Mapped[str] = mapped_column(String(16))
    label_en: Mapped[str] = mapped_column(String(LABEL_MAX))
    label_ru: Mapped[str] = mapped_column(String(LABEL_MAX))
    help: Mapped[str] = mapped_column(String(HELP_MAX), default="")
    required: Mapped[bool] = mapped_column(default=False)
    unique: Mapped[bool] = mapped_column(default=False)
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    visible_to: Mapped[str] = mapped_column(String(16), default=Visible.STAFF)
    editable_by: Mapped[str] = mapped_column(String(16), default=Editable.STAFF)
    position: Mapped[int]
    sortable: Mapped[bool] = mapped_column(default=False)
    indexed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def label(self) -> str:
        """The label in the current language, or else in the other one."""
        russian_first = language() == "ru"
        return (self.label_ru or self.label_en) if russian_first else (self.label_en or self.label_ru)

    def label_of(self, value: str) -> str:
        """Return the label of the choice with this value, or the value if there is no such choice."""
        return next((choice.label for choice in self.options if choice.value == value), value)

    @property
    def field_name(self) -> str:
        return FIELD_PREFIX + self.key

    @property
    def parameter_name(self) -> str:
        return PARAMETER_PREFIX + self.key

    @property
    def options(self) -> list[Choice]:
        return [Choice(**choice) for choice in self.choices]


class AttributeKey(Model):
    """A person's value of a unique attribute. See `values.value_key` for `value_key`."""

    __tablename__ = "attribute_keys"
    __table_args__ = (UniqueConstraint("attribute_id", "value_key"),)

    attribute_id: Mapped[UUID] = mapped_column(ForeignKey("attributes.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    value_key: Mapped[str] = mapped_column(String(HASH_LENGTH))
