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
from webapp.bulk.arguments import access_end_argument, attribute_argument, group_argument, role_argument
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Permission, Reach
from webapp.core.texts import _
from webapp.web.forms import Form, LocalDateTimeField
from webapp.web.guards import actor, reach


class RoleForm(Form):
    role = SelectField(_("Role"), [InputRequired(_("Choose a role"))], validate_choice=False)
    within = SelectField(_("Where"), [Optional()], validate_choice=False)

    @property
    def argument(self) -> dict[str, str]:
        role = get_role(_parse_id(self.role.data, "role"))
        within = get_group(_parse_id(self.within.data, "within")) if self.within.data else None
        return role_argument(role, within)


class GroupForm(Form):
    group = SelectField(_("Group"), [InputRequired(_("Choose a group"))], validate_choice=False)

    @property
    def argument(self) -> dict[str, str]:
        return group_argument(get_group(_parse_id(self.group.data, "group")))


class AccessEndForm(Form):
    ends_at = LocalDateTimeField(_("Access ends on"))

    @property
    def argument(self) -> dict[str, str]:
        if self.ends_at.data is None:
            raise Invalid(_("Enter a date and a time"), field="ends_at", code="required")
        return access_end_argument(self.ends_at.data)


class AttributeForm(AttributesForm):
    """A form with one field, for the attribute to set."""

    @property
    def argument(self) -> dict[str, str]:
        (attribute,) = self.attributes
        value = self.values.get("attributes", {}).get(attribute.key, "")
        return attribute_argument(attribute, str(value), by=actor())


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
