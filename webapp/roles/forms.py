"""Forms of roles, grants and memberships."""

from __future__ import annotations

from typing import Any

from wtforms import SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.permissions import PERMISSION_LABELS, Permission
from webapp.core.texts import _, pgettext
from webapp.web.forms import CreationForm, Form, LocalDateTimeField, uuid_or_nil
from webapp.web.merging import VersionedForm


class RoleForm(Form):
    # Only the service checks that it is filled in, together with everything else.
    name = StringField(pgettext("of a thing", "Name"), default="", render_kw={"required": True})
    description = TextAreaField(_("Description"), [Optional()])
    permissions = SelectMultipleField(
        _("Permissions"),
        choices=[SelectChoice(permission.value, PERMISSION_LABELS[permission]) for permission in Permission],
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validate_choice=False,
    )


class NewRoleForm(CreationForm, RoleForm):
    pass


class EditRoleForm(VersionedForm, RoleForm):
    pass


class GrantForm(CreationForm):
    """Grants a role to the person or group of the page. An empty `within` means everywhere."""

    role = SelectField(_("Role"), [InputRequired(_("Choose a role"))], id="grant-role", validate_choice=False)
    within = SelectField(_("Where"), [Optional()], id="grant-within", validate_choice=False)
    starts_at = LocalDateTimeField(_("Starts"), id="grant-starts")
    ends_at = LocalDateTimeField(_("Ends"), id="grant-ends")

    @property
    def grant(self) -> dict[str, Any]:
        """The arguments of `grant_role`."""
        return {
            "role_id": uuid_or_nil(self.role.data),
            "scope_id": uuid_or_nil(self.within.data) if self.within.data else None,
            "starts_at": self.starts_at.data,
            "ends_at": self.ends_at.data,
        }


class MembershipForm(CreationForm):
    """Adds the person of the page to a group."""

    group = SelectField(_("Group"), [InputRequired(_("Choose a group"))], id="join-group", validate_choice=False)
    starts_at = LocalDateTimeField(_("Starts"), id="join-starts")
    ends_at = LocalDateTimeField(_("Ends"), id="join-ends")

    @property
    def membership(self) -> dict[str, Any]:
        """The arguments of `add_member`."""
        return {
            "group_id": uuid_or_nil(self.group.data),
            "starts_at": self.starts_at.data,
            "ends_at": self.ends_at.data,
        }
