"""Forms of recovery."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.texts import _
from webapp.factors.models import CODE_MAX
from webapp.users.models import EMAIL_MAX
from webapp.web.forms import Form


class ForgotForm(Form):
    email = StringField(
        _("E-mail or username"), [InputRequired(_("Enter your e-mail or username")), Length(max=EMAIL_MAX)]
    )


class CodeForm(Form):
    code = StringField(_("Code"), [InputRequired(_("Enter a code")), Length(max=CODE_MAX)])


class NewPasswordForm(Form):
    password = PasswordField(
        _("New password"), [InputRequired(_("Enter a new password")), Length(max=PASSWORD_BYTES_MAX)]
    )
