"""Forms for the arguments of bulk actions. `form.argument` is the argument of a bulk change."""

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
        role = get_role(_parse_id(self.role.data, "role"))
        argument = {"role_id": str(role.id), "role": role.name}
        if self.within.data:
            within = get_group(_parse_id(self.within.data, "within"))
            argument |= {"within_id": str(within.id), "within": within.name}
        return argument


class GroupForm(Form):
    group = SelectField(_("Group"), [InputRequired(_("Choose a group"))], validate_choice=False)

    @property
    def argument(self) -> dict[str, str]:
        group = get_group(_parse_id(self.group.data, "group"))
        return {"group_id": str(group.id), "group": group.name}


class AccessEndForm(Form):
    ends_at = LocalDateTimeField(_("Access ends on"))

    @property
    def argument(self) -> dict[str, str]:
        if self.ends_at.data is None:
            raise Invalid(_("Enter a date and a time"), field="ends_at", code="required")
        if self.ends_at.data <= now():
            raise Invalid(_("The end must be in the future"), field="ends_at", code="past")
        return {"ends_at": self.ends_at.data.isoformat()}


class AttributeForm(AttributesForm):
    """A form with one field, for the attribute to set."""

    @property
    def argument(self) -> dict[str, str]:
        (attribute,) = self.attributes
        value = self.values.get("attributes", {}).get(attribute.key, TextInput(""))
        try:
            check_attribute_values({attribute.key: value}, before={}, by=actor())
        except Invalid as error:
            # Problems of other attributes differ from person to person. The preview shows them.
            if problems := [each for each in error.problems if each.field == attribute.field_name]:
                raise Invalid(error.message, problems) from None
        return {"attribute": attribute.key, "value": str(value)}


def build_role_form(argument: Mapping[str, Any]) -> RoleForm:
    form = RoleForm(data={"role": argument.get("role_id"), "within": argument.get("within_id")})
    reached = reach(Permission.ROLES_GRANT)
    form.role.choices = [
        SelectChoice("", _("Choose a role")),
        *(SelectChoice(str(role.id), role_label(role.name)) for role in list_roles()),
    ]
    everywhere = [SelectChoice("", _("Everywhere"))] if reached is None else []
    form.within.choices = [*everywhere, *_group_choices(reached)]
    return form


def build_group_form(argument: Mapping[str, Any]) -> GroupForm:
    form = GroupForm(data={"group": argument.get("group_id")})
    form.group.choices = [SelectChoice("", _("Choose a group")), *_group_choices(reach(Permission.GROUPS_MANAGE))]
    return form


def build_access_end_form(argument: Mapping[str, Any]) -> AccessEndForm:
    ends_at = argument.get("ends_at")
    return AccessEndForm(data={"ends_at": datetime.fromisoformat(ends_at) if ends_at else None})


def build_attribute_form(argument: Mapping[str, Any]) -> AttributeForm | None:
    """Return None until an attribute is chosen. Raise NotFound if the viewer cannot edit it."""
    key = argument.get("attribute")
    if not key:
        return None
    attribute = next((each for each in attribute_choices() if each.key == key), None)
    if attribute is None:
        raise NotFound(_("This attribute does not exist. It may have been deleted."))
    form_class = AttributeForm.with_attributes([attribute])
    return form_class(data={attribute.field_name: argument.get("value", "")})


def attribute_choices() -> list[Attribute]:
    """Return the attributes of other people that the viewer can edit."""
    return editable_attributes()


# `BulkAction.argument_form` → the function that builds the form from an argument.
ARGUMENT_FORMS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "role": build_role_form,
    "group": build_group_form,
    "access_end": build_access_end_form,
    "attribute": build_attribute_form,
}


def _group_choices(reached: Reach) -> list[SelectChoice]:
    groups: list[Group] = group_choices(reached)
    return [SelectChoice(str(group.id), group.name) for group in groups]


def _parse_id(text: str | None, field: str) -> UUID:
    with suppress(ValueError):
        return UUID(text or "")
    raise Invalid(_("Choose one of the options"), field=field, code="unknown")
