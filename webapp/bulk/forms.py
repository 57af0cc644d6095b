"""What an action needs to know: one form for each kind of it, which makes the argument of a bulk change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from webapp.access.models import Group, role_label
from webapp.access.queries import get_group, get_role, group_choices, list_roles
from webapp.attributes.display import editable_attributes
from webapp.attributes.form_fields import AttributesForm
from webapp.attributes.models import Attribute
from webapp.attributes.values import TextInput
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Permission, Reach
from webapp.core.texts import _
from webapp.users.values import check_attribute_values
from webapp.web.forms import Form, LocalDateTimeField
from webapp.web.guards import actor, reach


class RoleForm(Form):
    role = SelectField(_("Role"), [InputRequired(_("Choose a role"))], validate_choice=False)
    within = SelectField(_("Where"), [Optional()], validate_choice=False)

    @property
    def argument(self) -> dict[str, str]:
        role = get_role(_chosen(self.role.data, "role"))
        within = get_group(_chosen(self.within.data, "within")) if self.within.data else None
        told = {"role_id": str(role.id), "role": role.name}
        return told | ({"within_id": str(within.id), "within": within.name} if within else {})


class GroupForm(Form):
    group = SelectField(_("Group"), [InputRequired(_("Choose a group"))], validate_choice=False)

    @property
    def argument(self) -> dict[str, str]:
        group = get_group(_chosen(self.group.data, "group"))
        return {"group_id": str(group.id), "group": group.name}


class MomentForm(Form):
    ends_at = LocalDateTimeField(_("Access ends on"))

    @property
    def argument(self) -> dict[str, str]:
        if self.ends_at.utc is None:
            raise Invalid(_("Enter a date and a time"), field="ends_at", code="required")
        if self.ends_at.utc <= now():
            raise Invalid(_("The end must be in the future"), field="ends_at", code="past")
        return {"ends_at": self.ends_at.utc.isoformat()}


class AttributeForm(AttributesForm):
    """With a field for the one attribute that was chosen."""

    @property
    def argument(self) -> dict[str, str]:
        (attribute,) = self.attributes
        value = self.values.get("attributes", {}).get(attribute.key, TextInput(""))
        try:
            check_attribute_values({attribute.key: value}, before={}, by=actor())
        except Invalid as error:
            # What else these people lack is told of each of them.
            if mine := [each for each in error.problems if each.field == attribute.field_name]:
                raise Invalid(error.message, mine) from None
        return {"attribute": attribute.key, "value": str(value)}


def role_form(argument: Mapping[str, Any]) -> RoleForm:
    form = RoleForm(data={"role": argument.get("role_id"), "within": argument.get("within_id")})
    granted = reach(Permission.ROLES_GRANT)
    form.role.choices = [
        SelectChoice("", _("Choose a role")),
        *(SelectChoice(str(role.id), role_label(role.name)) for role in list_roles()),
    ]
    form.within.choices = ([SelectChoice("", _("Everywhere"))] if granted is None else []) + _groups(granted)
    return form


def group_form(argument: Mapping[str, Any]) -> GroupForm:
    form = GroupForm(data={"group": argument.get("group_id")})
    form.group.choices = [SelectChoice("", _("Choose a group")), *_groups(reach(Permission.GROUPS_MANAGE))]
    return form


def moment_form(argument: Mapping[str, Any]) -> MomentForm:
    ends_at = argument.get("ends_at")
    return MomentForm(data={"ends_at": datetime.fromisoformat(ends_at) if ends_at else None})


def attribute_form(argument: Mapping[str, Any]) -> AttributeForm | None:
    """None until an attribute is chosen; raises NotFound for one that the person looking may not fill in."""
    if not (name := argument.get("attribute")):
        return None
    attribute = next((each for each in attribute_choices() if each.key == name), None)
    if attribute is None:
        raise NotFound(_("This attribute does not exist. It may have been deleted."))
    made = AttributeForm.with_attributes([attribute])
    return made(data={attribute.field_name: argument.get("value", "")})


def attribute_choices() -> list[Attribute]:
    """What the person looking may fill in of others."""
    return editable_attributes()


FORMS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "role": role_form,
    "group": group_form,
    "moment": moment_form,
    "attribute": attribute_form,
}


def _groups(reached: Reach) -> list[SelectChoice]:
    groups: list[Group] = group_choices(reached)
    return [SelectChoice(str(group.id), group.name) for group in groups]


def _chosen(text: str | None, field: str) -> UUID:
    with suppress(ValueError):
        return UUID(text or "")
    raise Invalid(_("Choose one of the options"), field=field, code="unknown")
