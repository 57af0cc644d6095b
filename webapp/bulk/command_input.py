"""What commands of bulk changes read: the requester, the people and the argument."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from webapp.access.checks import powers_of_actor
from webapp.attributes.queries import live_attributes
from webapp.attributes.visibility import visible_attributes
from webapp.bulk.actions import ACTIONS, BulkAction
from webapp.bulk.arguments import read_argument
from webapp.bulk.queries import get_change
from webapp.bulk.selection import Selection, select_filtered, select_people
from webapp.core.commands import command_actor
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.directory.viewer import Viewer
from webapp.users.acting import acting_for
from webapp.users.commands import MOMENT
from webapp.users.queries import get_user_by_identifier

_ARGUMENT_OPTIONS = (
    click.option("--role", help="Name or ID of a role, for add_role and remove_role."),
    click.option("--within", help="add_role: name or ID of the group within which the role counts."),
    click.option("--group", help="Name or ID of a group, for add_group and remove_group."),
    click.option("--ends-at", type=MOMENT, help="For end_access. ISO 8601, in UTC by default."),
    click.option("--attribute", metavar="KEY=VALUE", help="For set_attribute."),
)


def argument_options(command: Any) -> Any:
    for option in reversed(_ARGUMENT_OPTIONS):
        command = option(command)
    return command


def requester(bulk_id: UUID) -> tuple[Actor, BulkAction]:
    """Return the person who asked for the change, as the actor. Raise Forbidden if they may not do this any more."""
    bulk = get_change(bulk_id)
    by = acting_for(bulk.requested_by_id) if bulk.requested_by_id else command_actor()
    kind = ACTIONS[bulk.action]
    check_permission(kind, by)
    return by, kind


def check_permission(kind: BulkAction, by: Actor) -> None:
    if not powers_of_actor(by).can(kind.permission):
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))


def selected(users: tuple[str, ...], view: str | None, by: Actor) -> Selection:
    powers = powers_of_actor(by)
    reach = powers.reach(Permission.USERS_READ)
    if view is None:
        return select_people({get_user_by_identifier(user, reach=reach).id for user in users}, reach=reach)
    return select_filtered(view, Viewer(reach, lambda: visible_attributes(live_attributes(), powers)))


def given_argument(kind: BulkAction, options: dict[str, Any], by: Actor) -> dict[str, str]:
    values: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if "attribute" in values:
        values["attribute"], _equals, values["value"] = values["attribute"].partition("=")
    return read_argument(kind, values, by=by)
