"""Forms that create and edit attribute definitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from wtforms import BooleanField, Field, SelectChoice, SelectField, StringField
from wtforms.validators import Optional

from webapp.attributes.choice_rows import ChoicesField
from webapp.attributes.choices import format_choices, parse_choices
from webapp.attributes.models import EDITABLE_LABELS, KIND_LABELS, VISIBLE_LABELS, Attribute
from webapp.core.texts import _, language
from webapp.web.forms import CreationForm, Form
from webapp.web.merging import VersionedForm


def _options(labels: Mapping[Any, str]) -> list[SelectChoice]:
    return [SelectChoice(value.value, label) for value, label in labels.items() if isinstance(value, StrEnum)]


def _is_translated(choice: Mapping[str, str]) -> bool:
    """Whether a choice has a label of its own in the other language than the viewer's."""
    label = choice["label_en" if language() == "ru" else "label_ru"]
    return bool(label) and label != choice["value"]


class AttributeForm(Form):
    # Only the service checks that these are filled in, together with everything else.
    label_en = StringField(_("Name in English"), default="")
    label_ru = StringField(_("Name in Russian"), default="")
    kind = SelectField(_("Type"), choices=_options(KIND_LABELS), validate_choice=False)
    choices = ChoicesField(_("Choices"), [Optional()])
    help = StringField(_("Help text"), [Optional()])
    required = BooleanField(_("Required"))
    unique = BooleanField(_("Unique"))
    sortable = BooleanField(_("Sortable"))
    visible_to = SelectField(_("Visible to"), choices=_options(VISIBLE_LABELS), validate_choice=False)
    editable_by = SelectField(
        _("Editable by"), choices=_options(EDITABLE_LABELS), default="staff", validate_choice=False
    )

    @property
    def names(self) -> tuple[Field, Field]:
        """The name in the viewer's language, and the one in the other language."""
        russian_first = language() == "ru"
        return (self.label_ru, self.label_en) if russian_first else (self.label_en, self.label_ru)

    @property
    def uses_both_languages(self) -> bool:
        return bool(self.names[1].data or self.names[1].errors or any(map(_is_translated, self.choices.rows)))

    @property
    def definition(self) -> dict[str, Any]:
        """The arguments of the services. Texts that were not sent are empty. Choices are parsed."""
        texts = {name: value or "" for name, value in self.values.items() if not isinstance(value, bool | int)}
        return self.values | texts | {"choices": parse_choices((self.choices.data or "").splitlines())}


class NewAttributeForm(CreationForm, AttributeForm):
    key = StringField(_("Key"), default="")


class EditAttributeForm(VersionedForm, AttributeForm):
    shown = (
        "label_en",
        "label_ru",
        "kind",
        "help",
        "required",
        "unique",
        "sortable",
        "visible_to",
        "editable_by",
        "version",
    )

    @classmethod
    def of(cls, attribute: Attribute) -> EditAttributeForm:
        """Return the form with the saved values."""
        values = {name: getattr(attribute, name) for name in cls.shown}
        return cls(None, data=values | {"choices": "\n".join(format_choices(attribute.choices))})
