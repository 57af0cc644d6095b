"""Forms of invited people."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.texts import LOCALES, _
from webapp.users.models import EMAIL_MAX
from webapp.web.forms import Form


class ProfileForm(Form):
    name = StringField(_("Your name"), [InputRequired(_("Enter your name"))])
    locale = SelectField(
        _("Language"),
        [InputRequired(_("Choose a language"))],
        choices=[SelectChoice(*each) for each in LOCALES.items()],
    )


class FirstPasswordForm(Form):
    password = PasswordField(_("Password"), [InputRequired(_("Enter a password")), Length(max=PASSWORD_BYTES_MAX)])


class AskForm(Form):
    email = EmailField(_("E-mail address"), [InputRequired(_("Enter an e-mail address")), Length(max=EMAIL_MAX)])
