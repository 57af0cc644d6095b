"""Forms of saved views and of the display settings."""

from __future__ import annotations

from wtforms import BooleanField, Field, IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from webapp.core.texts import _, pgettext
from webapp.directory.filter_labels import filter_texts
from webapp.directory.views.addresses import parameters_of
from webapp.web.forms import CreationForm, Form
from webapp.web.merging import Sent, VersionedForm


class ViewForm(Form):
    name = StringField(pgettext("of a thing", "Name"), [InputRequired(pgettext("of a thing", "Enter a name"))])
    shared = BooleanField(_("Share with everyone"))


class NewViewForm(CreationForm, ViewForm):
    address = StringField("", validators=[Optional()], widget=HiddenInput())


class EditViewForm(VersionedForm, ViewForm):
    pass


class AddressForm(VersionedForm):
    address = StringField(_("Filters"), [InputRequired()], widget=HiddenInput())

    def describe(self, field: Field, values: Sent) -> str:
        """Return the filters of the address in words."""
        return "; ".join(filter_texts(parameters_of("".join(values))))


class DisplayForm(Form):
    columns = SelectMultipleField(validate_choice=False)
    density = StringField("", validators=[InputRequired()])
    limit = IntegerField("", validators=[InputRequired()])
