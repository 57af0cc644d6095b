"""The form of preferences: theme, language, time zone."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from webapp.core.texts import LOCALES, _, timezones
from webapp.web.forms import Form


class PreferencesForm(Form):
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
