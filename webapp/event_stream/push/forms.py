"""The form of the target."""

from __future__ import annotations

from typing import Any, Self

from wtforms import BooleanField, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.core.texts import _
from webapp.event_stream.push.models import AUTHORIZATION_MAX, EventPush
from webapp.outgoing.urls import URL_MAX
from webapp.web.forms import Form


class EventPushForm(Form):
    """`authorization` is empty in a filled form: the stored value is never shown."""

    version = IntegerField("", validators=[InputRequired()], widget=HiddenInput())
    address = StringField(_("Address"), [InputRequired(_("Enter an address")), Length(max=URL_MAX)])
    authorization = PasswordField(_("Header Authorization"), [Optional(), Length(max=AUTHORIZATION_MAX)])
    remove_authorization = BooleanField(_("Remove the stored header"))
    older = BooleanField(_("Send older events too"))

    @classmethod
    def of(cls, push: EventPush | None) -> Self:
        return cls(None, data={"address": push.address if push else "", "version": push.version if push else 0})

    @property
    def target(self) -> dict[str, Any]:
        """Return the arguments of `save_target`."""
        authorization = self.authorization.data or ("" if self.remove_authorization.data else None)
        return {
            "address": self.address.data or "",
            "authorization": authorization,
            "older": self.older.data,
            "version": self.version.data,
        }
