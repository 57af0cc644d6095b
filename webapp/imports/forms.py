"""The forms of imports: the file, and what to do with its columns and rows."""

from __future__ import annotations

from typing import Any, cast

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX, Attribute
from webapp.core.texts import _, pgettext
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import FAMILY_FIRST, GIVEN_FIRST, IGNORE, TARGETS, Column, Mapping
from webapp.imports.labels import KEY_LABELS, MODE_LABELS
from webapp.imports.models import EMAIL, THRESHOLD_DEFAULT, Import, Mode
from webapp.imports.options import Options
from webapp.web.forms import Form

# A cell and its replacement, one pair a line: "Aktiv = active".
PAIR_SEPARATOR = "="


class FileForm(Form):
    # The service recognises the file.
    file = FileField(_("File"))

    @property
    def upload(self) -> FileStorage | None:
        upload = cast(FileStorage | None, self.file.data)
        return upload if upload and upload.filename else None


class EncodingForm(Form):
    encoding = SelectField(_("Encoding"), [Optional()], validate_choice=False)


class MappingForm(Form):
    # The service checks the name.
    name = StringField(pgettext("of a thing", "Name"), [Optional()])


class OptionsForm(Form):
    """The options of an import. The fields of the columns are read by `read_mapping`."""

    mode = RadioField(
        _("What to do"), choices=[SelectChoice(*choice) for choice in MODE_LABELS.items()], default=Mode.CREATE.value
    )
    key = SelectField(_("How people are recognised"), default=EMAIL)
    threshold = IntegerField(_("Percent"), default=THRESHOLD_DEFAULT)
    invite = BooleanField(_("Send invitations to new people"))
    save_as = StringField(_("Save these settings as"), [Optional()])
    name_order = SelectField(
        _("Order of names"),
        choices=[
            SelectChoice(GIVEN_FIRST, _("Given name, family name")),
            SelectChoice(FAMILY_FIRST, _("Family name, given name")),
        ],
        default=GIVEN_FIRST,
    )

    def __init__(self, sent: Any, imported: Import, attributes: list[Attribute]) -> None:
        mapping = Mapping.from_json(imported.mapping)
        values = {"mode": imported.mode, "key": imported.key_field, "threshold": imported.threshold}
        super().__init__(sent, data=values | {"invite": imported.invite, "name_order": mapping.name_order})
        unique = [(PARAMETER_PREFIX + each.key, each.label) for each in attributes if each.unique]
        self.key.choices = [SelectChoice(*choice) for choice in (*KEY_LABELS.items(), *unique)]

    def options(self, mapping: Mapping) -> Options:
        return Options(mapping, Mode(self.mode.data), self.key.data, bool(self.invite.data), self.threshold.data or 0)


def target_choices(attributes: list[Attribute]) -> list[tuple[str, str]]:
    """Return the fields that a column can have, with their labels."""
    own = [(name, str(label)) for name, label in TARGETS.items()]
    return [(IGNORE, str(_("Not imported"))), *own, *((FIELD_PREFIX + each.key, each.label) for each in attributes)]


def read_mapping(sent: MultiDict[str, str], info: FileInfo, before: Mapping) -> Mapping:
    """Return the mapping of a form that has fields for each column. Raise Invalid if a value is not an option."""
    known = dict(zip(info.headings, before.columns, strict=False))
    columns = [_read_column(sent, number, known[heading]) for number, heading in enumerate(info.headings)]
    data = {"columns": columns, "name_order": sent.get("name_order", GIVEN_FIRST), "constants": before.constants}
    return Mapping.from_json(data)


def _read_column(sent: MultiDict[str, str], number: int, before: Column) -> dict[str, Any]:
    """Fields that were not sent keep their values."""

    def value(name: str, default: str) -> str:
        return sent.get(f"column-{number}-{name}", default)

    return {
        "heading": before.heading,
        "target": value("target", before.target),
        "fallback": before.fallback,
        "values": _read_pairs(value("values", "")) if f"column-{number}-values" in sent else dict(before.values),
        "dates": value("dates", before.dates),
        "numbers": value("numbers", before.numbers),
        "split": value("split", before.split),
        "given": before.given,
        "family": before.family,
    }


def _read_pairs(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if PAIR_SEPARATOR in line]
    pairs = (line.partition(PAIR_SEPARATOR)[::2] for line in lines)
    return {cell.strip(): replacement.strip() for cell, replacement in pairs}


def pairs_text(column: Column) -> str:
    """Return the replacements of a column as its field shows them."""
    return "\n".join(f"{cell} {PAIR_SEPARATOR} {replacement}" for cell, replacement in column.values.items())
