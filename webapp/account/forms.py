"""Forms of one's own account: attributes, preferences, password."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from webapp.attributes.form_fields import AttributesForm
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.texts import LOCALES, _, timezones
from webapp.web.forms import Form
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


class NameForm(Form):
    name = StringField(_("Name"), [InputRequired(_("Enter a name"))])


class PasswordForm(Form):
    """The form of one's own password."""

    current_password = PasswordField(
        _("Current password"), [InputRequired(_("Enter your current password")), Length(max=PASSWORD_BYTES_MAX)]
    )
    password = PasswordField(
        _("New password"), [InputRequired(_("Enter a new password")), Length(max=PASSWORD_BYTES_MAX)]
    )
    end_tokens = BooleanField(_("Also end my API tokens"))

    def remove_current(self) -> None:
        """Remove the field of the current password, for people who have none."""
        del self["current_password"]

    @property
    def values(self) -> dict[str, Any]:
        return {"current_password": ""} | super().values
