"""Forms of users."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.attributes.fields import AttributesForm
from webapp.core.errors import Invalid
from webapp.core.forms import Form
from webapp.core.languages import _
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.users.checks import check_user


class UserForm(AttributesForm):
    # No maxlength in the browser: it would cut what is pasted without a word.
    name = StringField(_("Name"), [InputRequired(_("Enter a name."))])
    email = EmailField(_("E-mail address"), [InputRequired(_("Enter an e-mail address."))])
    username = StringField(_("Username"), [Optional()])
    password = PasswordField(_("Password"), [Optional(), Length(max=PASSWORD_BYTES_MAX)])

    def validate(self, extra_validators: Any = None) -> bool:
        """Every problem at once: the form's own and what the service would refuse, the database's answer aside."""
        valid = bool(super().validate(extra_validators))
        given: Any = {name: self.values.get(name) or "" for name in ("email", "name", "username", "password")}
        try:
            check_user(**given)
        except Invalid as error:
            self.refuse(error)
            return False
        return valid


class EditUserForm(UserForm):
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())


class ConfirmForm(Form):
    """Nothing but the CSRF token."""
