"""How Rollcall looks and speaks to oneself."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.validators import Optional

from webapp.core.forms import Form
from webapp.core.languages import LOCALES, _, timezones


class PreferencesForm(Form):
    """Fields that were not sent stay as they are: the account menu sends one, the account page all."""

    theme = SelectField(
        _("Theme"), [Optional()], choices=[("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))]
    )
    locale = SelectField(
        _("Language"), [Optional()], choices=[("", _("As the browser")), *LOCALES.items()], validate_choice=False
    )
    timezone = SelectField(
        _("Time zone"),
        [Optional()],
        choices=lambda: [("", "UTC"), *((zone, zone.replace("_", " ")) for zone in timezones())],
        validate_choice=False,
    )
