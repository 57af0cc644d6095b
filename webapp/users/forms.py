"""Forms of users."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from wtforms import EmailField, IntegerField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.attributes.form_fields import AttributesForm
from webapp.core.errors import Invalid
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.texts import _
from webapp.users.checks import check_user
from webapp.web.forms import Form, LocalDateTimeField, uuid_or_nil

WINDOW = ("starts_at", "ends_at")


class WholeMomentField(LocalDateTimeField):
    """Shows seconds where there are any, so that saving without a change changes nothing."""

    def _value(self) -> str:
        if self.raw_data or not self.data:
            return str(super()._value())
        return str(self.data.isoformat(timespec="seconds" if self.data.second else "minutes"))


class UserForm(AttributesForm):
    # No maxlength in the browser: it would cut what is pasted without a word.
    name = StringField(_("Name"), [InputRequired(_("Enter a name"))])
    email = EmailField(_("E-mail address"), [InputRequired(_("Enter an e-mail address"))])
    username = StringField(_("Username"), [Optional()])
    password = PasswordField(_("Password"), [Optional(), Length(max=PASSWORD_BYTES_MAX)])
    starts_at: Any = WholeMomentField(_("Access starts on"))
    ends_at: Any = WholeMomentField(_("Access ends on"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Every problem at once: the form's own and what the service would refuse, the database's answer aside."""
        valid = bool(super().validate(extra_validators))
        # The form of the first run has no username and no window.
        given: Any = {name: self[name].data or "" for name in ("email", "name", "username", "password") if name in self}
        try:
            check_user(**given, **self.window, known_end=self.known_end)
        except Invalid as error:
            self.add_error(error)
            return False
        return valid

    @property
    def values(self) -> dict[str, Any]:
        """What was typed; moments in UTC, and none that were not sent."""
        sent = super().values
        return {name: value for name, value in sent.items() if name not in WINDOW} | self.window

    @property
    def window(self) -> dict[str, Any]:
        return {name: self[name].utc for name in WINDOW if name in self and self[name].raw_data}

    @property
    def known_end(self) -> datetime | None:
        """An end that they have already may lie in the past."""
        return None


class NewUserForm(UserForm):
    """With where they come to stand; which groups and roles are offered is the page's business."""

    groups = SelectMultipleField(_("Groups"), choices=[], validate_choice=False)
    roles = SelectField(_("First role"), [Optional()], choices=[], validate_choice=False)

    @property
    def values(self) -> dict[str, Any]:
        """With the ids of groups and roles."""
        roles = [self.roles.data] if self.roles.data else []
        return super().values | {
            "groups": [uuid_or_nil(group) for group in self.groups.data or []],
            "roles": [uuid_or_nil(role) for role in roles],
        }


class EditUserForm(UserForm):
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())

    @property
    def known_end(self) -> datetime | None:
        """Whether it is new, the service knows."""
        return cast(datetime | None, self.window.get("ends_at"))


class ConfirmForm(Form):
    """Nothing but the CSRF token."""
