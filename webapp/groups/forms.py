"""Forms of groups and of who is in them."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from webapp.core.texts import _
from webapp.web.forms import Form, LocalDateTimeField


class GroupForm(Form):
    name = StringField(_("Name"), [InputRequired(_("Enter a name"))])
    description = TextAreaField(_("Description"), [Optional()])
    parent_id = SelectField(_("Part of"), [Optional()], validate_choice=False)


class EditGroupForm(GroupForm):
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())


class MemberForm(Form):
    person = StringField(_("Profile"), [InputRequired(_("Enter an e-mail address, username or ID"))])
    starts_at = LocalDateTimeField(_("Starts"))
    ends_at = LocalDateTimeField(_("Ends"))
