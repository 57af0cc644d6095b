"""Forms of groups and of their members."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from webapp.core.texts import _, pgettext
from webapp.web.forms import CreationForm, Form, LocalDateTimeField
from webapp.web.merging import VersionedForm
from webapp.web.people import PersonField


class GroupForm(Form):
    # Only the service checks that it is filled in, together with everything else.
    name = StringField(pgettext("of a thing", "Name"), default="", render_kw={"required": True})
    description = TextAreaField(_("Description"), [Optional()])
    parent_id = SelectField(_("Part of"), [Optional()], validate_choice=False)


class NewGroupForm(CreationForm, GroupForm):
    pass


class EditGroupForm(VersionedForm, GroupForm):
    pass


class MemberForm(CreationForm):
    person = PersonField(_("User"), [InputRequired(_("Enter an e-mail address, username or ID"))])
    starts_at = LocalDateTimeField(_("Starts"))
    ends_at = LocalDateTimeField(_("Ends"))


class OwnerForm(CreationForm):
    owner = PersonField(_("User"), [InputRequired(_("Enter an e-mail address, username or ID"))])
