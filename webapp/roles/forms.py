"""Forms of roles and grants."""

from __future__ import annotations

from wtforms import IntegerField, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from webapp.core.permissions import PERMISSION_LABELS, Permission
from webapp.core.texts import _
from webapp.web.forms import Form, LocalDateTimeField


class RoleForm(Form):
    name = StringField(_("Name"), [InputRequired(_("Enter a name."))])
    description = TextAreaField(_("Description"), [Optional()])
    permissions = SelectMultipleField(
        _("Permissions"),
        choices=[SelectChoice(permission.value, PERMISSION_LABELS[permission]) for permission in Permission],
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validate_choice=False,
    )


class EditRoleForm(RoleForm):
    version = IntegerField(validators=[InputRequired()], widget=HiddenInput())


class GrantForm(Form):
    """A role for whoever's page it stands on; `within` empty: everywhere."""

    role = SelectField(_("Role"), [InputRequired(_("Choose a role."))], id="grant-role", validate_choice=False)
    within = SelectField(_("Where"), [Optional()], id="grant-within", validate_choice=False)
    starts_at = LocalDateTimeField(_("Starts"), id="grant-starts")
    ends_at = LocalDateTimeField(_("Ends"), id="grant-ends")


class JoinForm(Form):
    """A group for whoever's page it stands on."""

    group = SelectField(_("Group"), [InputRequired(_("Choose a group."))], id="join-group", validate_choice=False)
    starts_at = LocalDateTimeField(_("Starts"), id="join-starts")
    ends_at = LocalDateTimeField(_("Ends"), id="join-ends")
