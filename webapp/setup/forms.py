"""The form of the first owner."""

from __future__ import annotations

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.texts import _
from webapp.users.forms import UserForm


class FirstOwnerForm(UserForm):
    username = None
    starts_at = None
    ends_at = None
    password = PasswordField(_("Password"), [InputRequired(_("Enter a password")), Length(max=PASSWORD_BYTES_MAX)])
