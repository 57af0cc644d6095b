"""Attribute definitions in JSON."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.attributes.models import (
    ATTRIBUTES_MAX,
    CHOICE_MAX,
    CHOICES_MAX,
    HELP_MAX,
    KEY_MAX,
    LABEL_MAX,
    Attribute,
    Editable,
    Kind,
    Visible,
)
from webapp.core.schemas import EtagSchema, Schema, UtcTime

KEY = "The name of the field in JSON and files. It never changes. Default: made from the name."
LABELS = "An attribute needs a name in at least one language."
CHOICES = "The values of an attribute of the kind `choice`."
SORTABLE = "Whether lists can be sorted by it. A job creates an index first, see `indexed`."


class AttributePath(BaseModel):
    attribute_id: UUID = Field(description="The ID of the attribute.")


class ChoiceIn(Schema):
    value: str = Field(min_length=1, max_length=CHOICE_MAX)
    label_en: str = Field("", max_length=CHOICE_MAX, description="Default: the value.")
    label_ru: str = Field("", max_length=CHOICE_MAX, description="Default: the value.")


class AttributeIn(Schema):
    """A new attribute."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "employee_number", "label_en": "Employee number", "unique": True}]}
    )

    key: str = Field("", max_length=KEY_MAX, description=KEY)
    label_en: str = Field("", max_length=LABEL_MAX, description=LABELS)
    label_ru: str = Field("", max_length=LABEL_MAX, description=LABELS)
    help: str = Field("", max_length=HELP_MAX)
    kind: Kind = Kind.TEXT
    choices: list[ChoiceIn] = Field([], max_length=CHOICES_MAX, description=CHOICES)
    required: bool = Field(False, strict=True)
    unique: bool = Field(False, strict=True, description="No two people can have the same value.")
    sortable: bool = Field(False, strict=True, description=SORTABLE)
    visible_to: Visible = Visible.STAFF
    editable_by: Editable = Editable.STAFF


class AttributePatch(Schema):
    """Changes of an attribute. Fields that you leave out stay as they are. null empties a text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label_en": "Staff number", "required": True}]})

    # The defaults are never used: the API reads only the fields that were sent.
    label_en: str | None = Field(None, max_length=LABEL_MAX, description=LABELS)
    label_ru: str | None = Field(None, max_length=LABEL_MAX, description=LABELS)
    help: str | None = Field(None, max_length=HELP_MAX)
    kind: Kind = Kind.TEXT
    choices: list[ChoiceIn] = Field(default_factory=list, max_length=CHOICES_MAX, description=CHOICES)
    required: bool = Field(False, strict=True)
    unique: bool = Field(False, strict=True)
    sortable: bool = Field(False, strict=True, description=SORTABLE)
    visible_to: Visible = Visible.STAFF
    editable_by: Editable = Editable.STAFF

    @property
    def changes(self) -> dict[str, Any]:
        """The sent fields, as the service takes them."""
        fields = self.model_dump(exclude_unset=True)
        return {name: "" if value is None else value for name, value in fields.items()}


class PositionIn(Schema):
    """The place of an attribute on the pages."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"position": 1}]})

    position: int = Field(ge=1, le=ATTRIBUTES_MAX, strict=True, description="1 is the first.")


class ChoiceOut(Schema):
    value: str
    label_en: str
    label_ru: str


class AttributeOut(EtagSchema):
    """The definition of an attribute."""

    id: UUID
    key: str
    label_en: str
    label_ru: str
    help: str
    kind: Kind
    choices: list[ChoiceOut]
    required: bool
    unique: bool
    sortable: bool
    indexed: bool = Field(description="Whether lists can be sorted by it now.")
    visible_to: Visible
    editable_by: Editable
    position: int
    created_at: UtcTime
    version: int

    @classmethod
    def of(cls, attribute: Attribute) -> Self:
        names = cls.model_fields.keys() - {"choices", "indexed"}
        return cls(
            **{name: getattr(attribute, name) for name in names},
            choices=[ChoiceOut(**choice) for choice in attribute.choices],
            indexed=attribute.indexed_at is not None,
        )


class AttributesOut(Schema):
    """All attributes, by position. There are at most 100."""

    items: list[AttributeOut]
