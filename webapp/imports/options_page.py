"""The page on which people say what the columns of a file mean, and what to do with its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import render_template, request
from wtforms.fields.choices import SelectChoice

from webapp.attributes.display import editable_attributes
from webapp.attributes.models import FIELD_PREFIX, Attribute, Kind
from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import FAMILY_FIRST, GIVEN_FIRST, IGNORE, Mapping
from webapp.imports.forms import EncodingForm, OptionsForm, pairs_text, read_mapping, target_choices
from webapp.imports.labels import MODE_HELP
from webapp.imports.mappings import save_mapping
from webapp.imports.models import Import
from webapp.imports.services import preview_import
from webapp.web.guards import actor

SAMPLES_SHOWN = 3
DATE_CHOICES = (
    ("", _("Recognised")),
    ("ymd", _("Year, month, day")),
    ("dmy", _("Day, month, year")),
    ("mdy", _("Month, day, year")),
)
NUMBER_CHOICES = (("", _("Recognised")), ("point", "1,234.5"), ("comma", "1.234,5"))
SPLIT_CHOICES = (
    ("", _("As it is")),
    (GIVEN_FIRST, _("Given name, family name")),
    (FAMILY_FIRST, _("Family name, given name")),
)
_DATES = {"starts_at", "ends_at"}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of the file. `has_dates`, `has_numbers`, `has_names`: which of the options it has."""

    number: int
    heading: str
    samples: list[str]
    target: str
    is_known: bool
    has_dates: bool
    has_numbers: bool
    has_names: bool
    dates: str
    numbers: str
    split: str
    pairs: str


def options_page(
    imported: Import, *, form: OptionsForm | None = None, encoding_form: EncodingForm | None = None
) -> str:
    attributes = editable_attributes()
    info = FileInfo.from_json(imported.info)
    mapping = _sent_mapping(imported, info) if form else Mapping.from_json(imported.mapping)
    encoding = encoding_form or EncodingForm(None, data={"encoding": info.encoding})
    encoding.encoding.choices = [SelectChoice(name, name) for name in info.encodings]
    return render_template(
        "imports/columns.html",
        imported=imported,
        info=info,
        form=form or OptionsForm(None, imported, attributes),
        encoding_form=encoding,
        is_ambiguous=len(info.encodings) > 1,
        columns=list(_columns(info, mapping)),
        targets=target_choices(attributes),
        mode_help=MODE_HELP,
        manager_missing=_lacks_manager(mapping, attributes),
        date_choices=DATE_CHOICES,
        number_choices=NUMBER_CHOICES,
        split_choices=SPLIT_CHOICES,
    )


def preview_from_form(imported: Import) -> OptionsForm | None:
    """Start the preview with the sent options. Return the form with the errors if they do not fit."""
    form = OptionsForm(request.form, imported, editable_attributes())
    if not form.validate():
        return form
    info = FileInfo.from_json(imported.info)
    try:
        options = form.options(read_mapping(request.form, info, Mapping.from_json(imported.mapping)))
        # First, because a preview that has started cannot be corrected with the form.
        if form.save_as.data:
            save_mapping(form.save_as.data, info, options, by=actor())
        preview_import(imported.id, options, by=actor())
    except Refused as error:
        form.add_error(error)
        return form
    return None


def _sent_mapping(imported: Import, info: FileInfo) -> Mapping:
    """Return the mapping of the sent form, so that nothing is lost with an error."""
    before = Mapping.from_json(imported.mapping)
    try:
        return read_mapping(request.form, info, before)
    except Refused:
        return before


def _columns(info: FileInfo, mapping: Mapping) -> Iterator[ColumnView]:
    for number, (heading, column) in enumerate(zip(info.headings, mapping.columns, strict=False)):
        samples = [sample for sample in info.samples[number] if sample.strip()] if number < len(info.samples) else []
        kind = info.kinds.get(column.target.removeprefix(FIELD_PREFIX))
        yield ColumnView(
            number=number,
            heading=heading,
            samples=samples[:SAMPLES_SHOWN],
            target=column.target,
            is_known=column.target != IGNORE,
            has_dates=column.target in _DATES or kind == Kind.DATE,
            has_numbers=kind == Kind.NUMBER,
            has_names=column.target == "name",
            dates=column.dates,
            numbers=column.numbers,
            split=column.split,
            pairs=pairs_text(column),
        )


def _lacks_manager(mapping: Mapping, attributes: list[Attribute]) -> bool:
    """Whether a column has managers, but no attribute can keep them."""
    has_attribute = any(each.key == "manager" and each.kind == Kind.PERSON for each in attributes)
    return "manager" in mapping.targets() and not has_attribute
