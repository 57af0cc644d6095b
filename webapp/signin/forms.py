"""Forms to sign in and to confirm the password."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.texts import _
from webapp.factors.models import CODE_MAX
from webapp.users.models import EMAIL_MAX
from webapp.web.forms import Form
from webapp.web.kept_forms import from_this_site


class SignInForm(Form):
    email = StringField(
        _("E-mail or username"), [InputRequired(_("Enter your e-mail or username")), Length(max=EMAIL_MAX)]
    )
    password = PasswordField(_("Password"), [InputRequired(_("Enter your password")), Length(max=PASSWORD_BYTES_MAX)])
    next = HiddenField("")
    kept = HiddenField("", filters=[from_this_site])


class ConfirmPasswordForm(Form):
    """`code` is shown to people who have a second factor."""

    password = PasswordField(_("Password"), [InputRequired(_("Enter your password")), Length(max=PASSWORD_BYTES_MAX)])
    code = StringField(_("Code"), [Length(max=CODE_MAX)])
    next = HiddenField("")
    kept = HiddenField("", filters=[from_this_site])


class SecondFactorForm(Form):
    code = StringField(_("Code"), [InputRequired(_("Enter a code")), Length(max=CODE_MAX)])
    next = HiddenField("")
    kept = HiddenField("", filters=[from_this_site])
