"""The forms of scheduled exports."""

from __future__ import annotations

from typing import Any, Self, cast

from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from webapp.bulk.export_columns import Column, Headings
from webapp.bulk.export_form import FORMAT_LABELS
from webapp.core.texts import LOCALES, _, pgettext
from webapp.directory.views.addresses import EVERYONE
from webapp.jobs.timetable_fields import TimetableFields
from webapp.scheduled_exports.checks import ExportValues
from webapp.scheduled_exports.labels import TARGET_LABELS
from webapp.scheduled_exports.models import KEEP_DEFAULT, ScheduledExport, Target
from webapp.scheduled_exports.rows import people_label
from webapp.web.forms import CreationForm
from webapp.web.merging import VersionedForm

# A choice of the language of the headings, beside the locales.
KEYS = "keys"


class ExportFields(TimetableFields):
    """`address`: the choices are addresses of lists. `headings`: a locale, or KEYS."""

    name = StringField(pgettext("of a thing", "Name"), [InputRequired(pgettext("of a thing", "Enter a name"))])
    address = SelectField(_("People"), default=EVERYONE, validate_choice=False)
    columns = SelectMultipleField(_("Columns"), validate_choice=False)
    format = SelectField(
        _("File format"),
        choices=[SelectChoice(key.value, label) for key, label in FORMAT_LABELS.items()],
        default="csv",
    )
    headings = SelectField(
        _("Headings"),
        choices=[
            *(SelectChoice(*item) for item in LOCALES.items()),
            SelectChoice(KEYS, _("Keys for programs, for example starts_at")),
        ],
        validate_choice=False,
    )
    target = RadioField(
        _("Where the file goes"),
        choices=[SelectChoice(*choice) for choice in TARGET_LABELS.items()],
        default=Target.MAIL.value,
    )
    keep = IntegerField(_("Files kept"), [InputRequired(_("Enter a number"))], default=KEEP_DEFAULT)

    def set_choices(self, lists: dict[str, str], columns: list[Column], *, may_use_folder: bool) -> None:
        """`lists`: address → name. An address that is none of them stays a choice."""
        chosen = self.address.data or EVERYONE
        self.address.choices = [SelectChoice(*item) for item in ({chosen: people_label(chosen, lists)} | lists).items()]
        self.columns.choices = [SelectChoice(column.key, column.label) for column in columns]
        if not may_use_folder:
            self.target.choices = [SelectChoice(Target.MAIL.value, TARGET_LABELS[Target.MAIL])]

    @property
    def export(self) -> ExportValues:
        """The arguments of the service."""
        names = ("name", "address", "format", "target", "time_of_day", "timezone")
        values: Any = {name: getattr(self, name).data or "" for name in names}
        values |= {"keep": self.keep.data, "weekday": self.weekday.data, "columns": self.columns.data or None}
        values["headings"] = (Headings.KEYS if self.headings.data == KEYS else Headings.LABELS).value
        if self.headings.data != KEYS:
            values["locale"] = self.headings.data
        return cast(ExportValues, values)


class NewExportForm(ExportFields, CreationForm):
    pass


class EditExportForm(ExportFields, VersionedForm):
    @classmethod
    def of(cls, export: ScheduledExport) -> Self:
        """Return the form with the saved values."""
        names = ("name", "columns", "format", "target", "keep", "version", "time_of_day", "timezone", "weekday")
        values: dict[str, Any] = {name: getattr(export, name) for name in names}
        headings = KEYS if export.headings == Headings.KEYS else export.locale
        return cls(None, data=values | {"address": export.list_address, "headings": headings})
