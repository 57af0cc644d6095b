"""The form of preferences: theme, language, time zone."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from webapp.attributes.form_fields import AttributesForm
from webapp.core.texts import LOCALES, _, timezones
from webapp.web.merging import OpenedForm


class OwnAttributesForm(OpenedForm, AttributesForm):
    @property
    def changed(self) -> dict[str, Any]:
        """Return the submitted values that the person changed, by key."""
        untouched = self.untouched_fields()
        submitted: dict[str, Any] = self.values.get("attributes", {})
        return {
            attribute.key: submitted[attribute.key]
            for attribute in self.attributes
            if attribute.key in submitted and attribute.field_name not in untouched
        }


class PreferencesForm(OpenedForm):
    """Fields that are not sent stay as they are. The account menu sends one field, the account page sends all."""

    theme = SelectField(
        _("Theme"),
        [Optional()],
        choices=[
            SelectChoice("system", _("Same as the system")),
            SelectChoice("light", _("Light")),
            SelectChoice("dark", _("Dark")),
        ],
    )
    locale = SelectField(
        _("Language"),
        [Optional()],
        choices=[SelectChoice("", _("Same as the browser")), *(SelectChoice(*item) for item in LOCALES.items())],
        validate_choice=False,
    )
    timezone = SelectField(
        _("Time zone"),
        [Optional()],
        choices=lambda: [
            SelectChoice("", "UTC"),
            *(SelectChoice(zone, zone.replace("_", " ")) for zone in timezones()),
        ],
        validate_choice=False,
    )
