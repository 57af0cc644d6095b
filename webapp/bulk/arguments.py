"""The arguments of bulk actions, as a bulk change stores them: the page, the API and commands make the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from webapp.access.checks import powers_of_actor
from webapp.access.models import Group, Role
from webapp.access.queries import get_by_name
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.values import TextInput
from webapp.attributes.visibility import can_edit_attribute, visible_attributes
from webapp.bulk.actions import BulkAction
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.users.values import check_attribute_values

# Action → the fields of its argument. The other actions need none.
FIELDS: dict[str, tuple[str, ...]] = {
    "add_role": ("role", "within"),
    "remove_role": ("role",),
    "add_group": ("group",),
    "remove_group": ("group",),
    "end_access": ("ends_at",),
    "set_attribute": ("attribute", "value"),
}
OPTIONAL = frozenset({"within", "value"})


def read_argument(action: BulkAction, values: Mapping[str, Any], *, by: Actor) -> dict[str, str]:
    """Return the argument of the action from names or IDs. Raise Invalid if a field is missing, unknown or wrong."""
    fields = FIELDS.get(action.name, ())
    sent = {name: value for name, value in values.items() if value is not None}
    for name in sent:
        if name not in fields:
            raise Invalid(_("This action does not use this field"), field=name, code="unexpected")
    for name in fields:
        if name not in OPTIONAL and not sent.get(name):
            raise Invalid(_("This action needs this field"), field=name, code="missing")
    return _READERS[action.argument_form](sent, by)


def role_argument(role: Role, within: Group | None) -> dict[str, str]:
    scope = {"within_id": str(within.id), "within": within.name} if within else {}
    return {"role_id": str(role.id), "role": role.name} | scope


def group_argument(group: Group) -> dict[str, str]:
    return {"group_id": str(group.id), "group": group.name}


def access_end_argument(ends_at: datetime) -> dict[str, str]:
    if ends_at <= now():
        raise Invalid(_("The end must be in the future"), field="ends_at", code="past")
    return {"ends_at": ends_at.isoformat()}


def attribute_argument(attribute: Attribute, text: str, *, by: Actor) -> dict[str, str]:
    """Raise Invalid if the attribute does not take the value. An empty text empties it."""
    try:
        check_attribute_values({attribute.key: TextInput(text)}, before={}, by=by)
    except Invalid as error:
        # Problems of other attributes differ from person to person. The preview shows them.
        if problems := [each for each in error.problems if each.field == attribute.field_name]:
            raise Invalid(error.message, problems) from None
    return {"attribute": attribute.key, "value": text}


def _read_role(values: Mapping[str, Any], by: Actor) -> dict[str, str]:
    within = values.get("within")
    return role_argument(
        _find(Role, values["role"], "role", by), None if within is None else _find(Group, within, "within", by)
    )


def _read_group(values: Mapping[str, Any], by: Actor) -> dict[str, str]:
    return group_argument(_find(Group, values["group"], "group", by))


def _read_access_end(values: Mapping[str, Any], _by: Actor) -> dict[str, str]:
    return access_end_argument(values["ends_at"])


def _read_attribute(values: Mapping[str, Any], by: Actor) -> dict[str, str]:
    powers = powers_of_actor(by)
    for attribute in visible_attributes(live_attributes(), powers):
        if attribute.key == values["attribute"] and can_edit_attribute(attribute, powers):
            break
    else:
        raise Invalid(_("This attribute does not exist. It may have been deleted."), field="attribute", code="unknown")
    try:
        return attribute_argument(attribute, values.get("value", ""), by=by)
    except Invalid as error:
        error.problems = [replace(problem, field="value") for problem in error.problems]
        raise


def _find(model: type[Role | Group], name: str, field: str, by: Actor) -> Any:
    reach = powers_of_actor(by).reach(Permission.USERS_READ)
    return get_by_name(model, name, field=field, reach=reach)


_READERS: dict[str, Callable[[Mapping[str, Any], Actor], dict[str, str]]] = {
    "": lambda _values, _by: {},
    "role": _read_role,
    "group": _read_group,
    "access_end": _read_access_end,
    "attribute": _read_attribute,
}
