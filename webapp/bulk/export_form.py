"""The form of an export: the format of the file and its headings."""

from __future__ import annotations

from wtforms import SelectChoice, SelectField

from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat, FileOptions
from webapp.core.texts import _
from webapp.web.forms import Form

FORMAT_LABELS = {
    FileFormat.CSV: _("CSV, for spreadsheets and other systems"),
    FileFormat.XLSX: _("XLSX, for Excel"),
    FileFormat.JSONL: _("JSON lines, for programs"),
    FileFormat.LDIF: _("LDIF, for directory servers"),
}
HEADINGS_LABELS = {
    Headings.LABELS: _("In your language"),
    Headings.KEYS: _("Keys for programs, for example starts_at"),
}


class ExportForm(Form):
    """A form without fields, as scripts send it, means CSV with headings in the viewer's language."""

    format = SelectField(
        _("File format"),
        choices=[SelectChoice(key.value, label) for key, label in FORMAT_LABELS.items()],
        default="csv",
    )
    headings = SelectField(
        _("Headings"),
        choices=[SelectChoice(key.value, label) for key, label in HEADINGS_LABELS.items()],
        default="labels",
    )

    @property
    def options(self) -> FileOptions:
        """The choices of a valid form."""
        return FileOptions(FileFormat(self.format.data), Headings(self.headings.data))
