"""Forms of users."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from wtforms import EmailField, Field, PasswordField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from webapp.attributes.form_fields import AttributesForm
from webapp.core.errors import Invalid
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.texts import LOCALES, _
from webapp.users.checks import check_user
from webapp.users.invite_people import TEXT_MAX
from webapp.web.forms import CreationForm, Form, LocalDateTimeField, uuid_or_nil
from webapp.web.merging import VersionedForm

WINDOW = ("starts_at", "ends_at")
# Other fields are collapsed while they are empty, apart from attributes that must have a value.
ALWAYS_SHOWN = frozenset({"name", "email", "roles"})


class UserForm(AttributesForm):
    # No maxlength in the browser: it would silently cut a pasted text.
    name = StringField(_("Name"), [InputRequired(_("Enter a name"))])
    email = EmailField(_("E-mail address"), [InputRequired(_("Enter an e-mail address"))])
    username = StringField(_("Username"), [Optional()])
    password = PasswordField(_("Password"), [Optional(), Length(max=PASSWORD_BYTES_MAX)])
    starts_at: Any = LocalDateTimeField(_("Access starts on"))
    ends_at: Any = LocalDateTimeField(_("Access ends on"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Collect the problems of the form and of the service, apart from values that are already in use."""
        valid = bool(super().validate(extra_validators))
        # The form of the first run has no username and no dates of access.
        identity: Any = {
            name: self[name].data or "" for name in ("email", "name", "username", "password") if name in self
        }
        try:
            check_user(**identity, **self.window, known_end=self.known_end)
        except Invalid as error:
            self.add_error(error)
            return False
        return valid

    @property
    def values(self) -> dict[str, Any]:
        """Return the submitted values. Dates of access are in UTC, and left out if they were not submitted."""
        values = super().values
        return {name: value for name, value in values.items() if name not in WINDOW} | self.window

    @property
    def window(self) -> dict[str, Any]:
        return {name: self[name].data for name in WINDOW if name in self and self[name].raw_data}

    @property
    def known_end(self) -> datetime | None:
        """Return the end of access that is allowed to be in the past."""
        return None

    @property
    def opens_more(self) -> bool:
        """Whether a field of the collapsed part has a value or an error."""
        shown = ALWAYS_SHOWN | {attribute.field_name for attribute in self.attributes if attribute.required}
        return any(self._is_used(field) for field in self if field.name not in shown)

    def _is_used(self, field: Field) -> bool:
        if getattr(field.widget, "input_type", "") == "hidden":
            return False
        # The value that a person typed, also if it is not a valid one.
        has_text = bool(field.data) if field.name not in WINDOW else bool(field.data or any(field.raw_data or ()))
        return bool(field.errors) or has_text


class NewUserForm(CreationForm, UserForm):
    """The form for a new user, with groups and a role. `choices.offer_access` sets the options."""

    groups = SelectMultipleField(_("Groups"), choices=[], validate_choice=False)
    roles = SelectField(_("First role"), [Optional()], choices=[], validate_choice=False)

    @property
    def values(self) -> dict[str, Any]:
        """Return the submitted values with the IDs of groups and roles."""
        roles = [self.roles.data] if self.roles.data else []
        return super().values | {
            "groups": [uuid_or_nil(group) for group in self.groups.data or []],
            "roles": [uuid_or_nil(role) for role in roles],
        }


class InvitePeopleForm(Form):
    """Addresses, and what all of these people get. `choices.offer_access` sets the options."""

    addresses = TextAreaField(
        _("People"),
        [InputRequired(_("Enter at least one e-mail address")), Length(max=TEXT_MAX)],
        render_kw={"rows": 8},
    )
    groups = SelectMultipleField(_("Groups"), choices=[], validate_choice=False)
    roles = SelectMultipleField(_("Roles"), choices=[], validate_choice=False)
    locale = SelectField(
        _("Language"),
        [Optional()],
        choices=[SelectChoice("", _("Same as the browser")), *(SelectChoice(*item) for item in LOCALES.items())],
    )
    ends_at: Any = LocalDateTimeField(_("Access ends on"))

    @property
    def access(self) -> dict[str, Any]:
        """Return what all of these people get, as `invite_lines` takes it."""
        return {
            "groups": [uuid_or_nil(each) for each in self.groups.data or []],
            "roles": [uuid_or_nil(each) for each in self.roles.data or []],
            "locale": self.locale.data or None,
            "ends_at": self.ends_at.data,
        }


class EditUserForm(VersionedForm, UserForm):
    # Whether the page shows the field for the password. The service decides if it can be set.
    offers_password = False

    def remove_period(self) -> None:
        """Remove the start and the end of access, which people cannot change of themselves."""
        for name in WINDOW:
            del self[name]

    @property
    def known_end(self) -> datetime | None:
        """Return the submitted end, because only the service knows whether it is the saved one."""
        return cast(datetime | None, self.window.get("ends_at"))


class ConfirmForm(Form):
    """A form with only the CSRF token."""
