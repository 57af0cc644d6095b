"""Forms of the bin."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from webapp.attributes.form_fields import AttributesForm
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.web.forms import Form


class RestoreForm(AttributesForm):
    """A different e-mail, username or unique value, if another user has the old one. Missing fields change nothing."""

    email = EmailField(_("E-mail address"), [Optional()])
    username = StringField(_("Username"), [Optional()])

    @property
    def submitted(self) -> dict[str, Any]:
        """The submitted values, as keyword arguments of `restore_user`."""
        fields = {"email": self.email, "username": self.username}
        submitted: dict[str, Any] = {name: field.data or "" for name, field in fields.items() if field.raw_data}
        if "attributes" in self.values:
            submitted["attributes"] = self.values["attributes"]
        return submitted


class PurgeForm(Form):
    """The person's e-mail address, entered as confirmation."""

    email = EmailField(_("E-mail address"), [InputRequired(_("Enter an e-mail address"))])

    def __init__(self, *, email: str) -> None:
        super().__init__()
        self.expected = email

    def validate_email(self, field: Any) -> None:
        if caseless_key(field.data or "") != caseless_key(self.expected):
            raise ValidationError(_("Enter the e-mail address of this user. Nothing was erased."))
