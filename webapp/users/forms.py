"""Forms of users: shape only; what is right is for the service to say."""

from __future__ import annotations

from wtforms import EmailField, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.core.forms import Form
from webapp.core.languages import _
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.users.models import EMAIL_MAX, NAME_MAX, USERNAME_MAX


class UserForm(Form):
    name = StringField(
        _("Name"),
        [
            InputRequired(_("Enter a name.")),
            Length(max=NAME_MAX, message=_("Use a name of at most %(max)s characters.", max=NAME_MAX)),
        ],
    )
    email = EmailField(
        _("E-mail address"),
        [
            InputRequired(_("Enter an e-mail address.")),
            Length(max=EMAIL_MAX, message=_("Use an e-mail address of at most %(max)s characters.", max=EMAIL_MAX)),
        ],
    )
    username = StringField(
        _("Username"),
        [
            Optional(),
            Length(max=USERNAME_MAX, message=_("Use a username of at most %(max)s characters.", max=USERNAME_MAX)),
        ],
    )
    # Its length is the service's to judge: after NFKC, which may shorten it.
    password = PasswordField(_("Password"), [Optional(), Length(max=PASSWORD_BYTES_MAX)])


class EditUserForm(UserForm):
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())


class ConfirmForm(Form):
    """Nothing but the CSRF token."""
