"""Form fields for the attributes of a person, made from their definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

from wtforms import Field, SelectChoice, SelectField, StringField
from wtforms.validators import Optional

from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import People
from webapp.attributes.values import Typed
from webapp.core.texts import _
from webapp.web.forms import Form

PREFIX = "attributes."


class AttributesForm(Form):
    """A form that also asks for attributes: `asking_for` makes one with a field for each of them."""

    attributes: ClassVar[Sequence[Attribute]] = ()

    @classmethod
    def asking_for(cls, attributes: Sequence[Attribute]) -> type[Self]:
        fields = {PREFIX + attribute.key: _field(attribute) for attribute in attributes}
        return type(cls.__name__, (cls,), {"attributes": attributes, **fields})

    @property
    def attribute_fields(self) -> list[tuple[Attribute, Field]]:
        return [(attribute, self[PREFIX + attribute.key]) for attribute in self.attributes]

    @property
    def values(self) -> dict[str, Any]:
        """What was typed; `attributes` are those that were sent."""
        own = {name: value for name, value in super().values.items() if not name.startswith(PREFIX)}
        sent = {attribute.key: Typed(field.data or "") for attribute, field in self.attribute_fields if field.raw_data}
        return own | ({"attributes": sent} if sent else {})


def typed_values(attributes: Iterable[Attribute], values: Mapping[str, Any], people: People) -> dict[str, str]:
    """Values as the fields hold them, by the fields' names."""
    return {
        PREFIX + attribute.key: _typed(values[attribute.key], people)
        for attribute in attributes
        if attribute.key in values
    }


def _typed(value: Any, people: People) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return people[value].email if value in people else str(value)


def _field(attribute: Attribute) -> Field:
    match attribute.kind:
        case Kind.CHOICE:
            offered = [SelectChoice(choice.value, choice.label) for choice in attribute.options]
        case Kind.YES_NO:
            offered = [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]
        case _:
            return StringField(attribute.label, [Optional()])
    none = SelectChoice("", _("Not set"))
    return SelectField(attribute.label, [Optional()], choices=[none, *offered], validate_choice=False)
