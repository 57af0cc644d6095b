"""Forms of saved views and of the display settings."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from webapp.core.texts import _
from webapp.web.forms import Form


class ViewForm(Form):
    name = StringField(_("Name"), [InputRequired(_("Enter a name"))])
    shared = BooleanField(_("Share with everyone"))


class NewViewForm(ViewForm):
    address = StringField(validators=[Optional()], widget=HiddenInput())


class EditViewForm(ViewForm):
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())


class AddressForm(Form):
    address = StringField(validators=[InputRequired()], widget=HiddenInput())
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())


class DisplayForm(Form):
    columns = SelectMultipleField(validate_choice=False)
    density = StringField(validators=[InputRequired()])
    limit = IntegerField(validators=[InputRequired()])
