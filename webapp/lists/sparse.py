"""`fields=` and `expand=`: which fields of a row an answer has, and which related rows it contains besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, RootModel, WithJsonSchema, create_model

from webapp.core.schemas import Schema
from webapp.core.texts import _

FIELDS = "Only these fields of each row, separated by commas. By default all."
EXPAND = "Related rows that the answer contains in `expanded`, separated by commas."


def split_names(value: Any) -> Any:
    """Return the names of a parameter. Several are separated by commas. An empty parameter has none."""
    texts = [value] if isinstance(value, str) else value
    return tuple(name.strip() for text in texts if text.strip() for name in text.split(","))


def names_of(known: Iterable[str]) -> tuple[Any, ...]:
    """Return what makes a tuple of texts a parameter with these names: validators and a JSON schema."""
    names = tuple(known)
    limits = {"minItems": 1, "maxItems": len(names)}

    def check(sent: tuple[str, ...]) -> tuple[str, ...]:
        for name in sent:
            if name not in names:
                raise ValueError(_("Use one of: %(expected)s", expected=", ".join(names)))
        return sent

    schema = {"type": "array", "items": {"type": "string", "enum": list(names)}} | limits
    return BeforeValidator(split_names), Field(max_length=len(names)), AfterValidator(check), WithJsonSchema(schema)


def part_of(shown: type[BaseModel], expansion: type[BaseModel] | None = None) -> Any:
    """Return the schema of a row with some of its fields, and with `expanded`."""
    fields: dict[str, Any] = {
        name: (field.annotation, Field(default_factory=_missing, description=field.description))
        for name, field in shown.model_fields.items()
    }
    if expansion:
        fields["expanded"] = (expansion, Field(default_factory=_missing, description="What `expand` asked for."))
    name = shown.__name__.removesuffix("Out") + "Part"
    return create_model(name, __base__=Schema, __doc__="Some fields of it, with `fields` or `expand`.", **fields)


def answer_of(shown: type[BaseModel], part: Any) -> Any:
    """Return the schema of an answer that is the whole row, or a part of it."""
    return create_model(shown.__name__ + "Answer", __base__=RootModel[shown | part])  # type: ignore[valid-type]


def page_answer_of(page: type[BaseModel], part: Any) -> Any:
    """Return the schema of an answer that is a page of whole rows, or of parts of them."""
    name = part.__name__ + "Page"
    parts = create_model(name, __base__=page, __doc__="A page of parts.", items=(list[part], ...))
    return create_model(page.__name__ + "Answer", __base__=RootModel[page | parts])  # type: ignore[valid-type]


def shape(row: BaseModel, fields: Collection[str], expanded: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the row as JSON values, with these fields only, and with `expanded` if there is one."""
    values = row.model_dump(mode="json", include=set(fields) or None)
    return values | ({} if expanded is None else {"expanded": expanded})


def _missing() -> Any:
    return None
