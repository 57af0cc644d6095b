"""Form fields for the attribute values of a person. They follow the definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

from wtforms import Field, SelectChoice, SelectField, StringField
from wtforms.validators import Optional

from webapp.attributes.models import FIELD_PREFIX, Attribute, Kind
from webapp.attributes.queries import PeopleById
from webapp.attributes.values import TextInput
from webapp.core.texts import _
from webapp.web.forms import Form
from webapp.web.people import NamedAddress, PersonField


class AttributesForm(Form):
    """A form with a field for each attribute. `with_attributes` returns the class for given attributes."""

    attributes: ClassVar[Sequence[Attribute]] = ()

    @classmethod
    def with_attributes(cls, attributes: Sequence[Attribute]) -> type[Self]:
        fields = {attribute.field_name: _field(attribute) for attribute in attributes}
        return type(cls.__name__, (cls,), {"attributes": attributes, **fields})

    @property
    def attribute_fields(self) -> list[tuple[Attribute, Field]]:
        return [(attribute, self[attribute.field_name]) for attribute in self.attributes]

    @property
    def values(self) -> dict[str, Any]:
        """The submitted values. `attributes` has the values of attributes, by key."""
        own = {name: value for name, value in super().values.items() if not name.startswith(FIELD_PREFIX)}
        submitted = {
            attribute.key: TextInput(field.data or "") for attribute, field in self.attribute_fields if field.raw_data
        }
        return own | ({"attributes": submitted} if submitted else {})


def form_values(attributes: Iterable[Attribute], values: Mapping[str, Any], people: PeopleById) -> dict[str, str]:
    """Return the values as the form's fields show them, by field name. `people`: see `referenced_people`."""
    return {
        attribute.field_name: _form_value(values[attribute.key], people)
        for attribute in attributes
        if attribute.key in values
    }


def _form_value(value: Any, people: PeopleById) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return NamedAddress(people[value].email, people[value].name) if value in people else str(value)


def _field(attribute: Attribute) -> Field:
    match attribute.kind:
        case Kind.CHOICE:
            options = [SelectChoice(choice.value, choice.label) for choice in attribute.options]
        case Kind.YES_NO:
            options = [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]
        case Kind.PERSON:
            return PersonField(attribute.label, [Optional()])
        case _:
            return StringField(attribute.label, [Optional()])
    none = SelectChoice("", _("Not set"))
    return SelectField(attribute.label, [Optional()], choices=[none, *options], validate_choice=False)
