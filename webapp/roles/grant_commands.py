"""Commands about the roles of a user and of a group, and about what a user can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import click
from flask.cli import with_appcontext
from sqlalchemy import Select

from webapp.access.models import RoleGrant
from webapp.access.powers import powers_of
from webapp.access.queries import grants_of_user, memberships_of_user
from webapp.access.services import end_grant, grant_role
from webapp.core.commands import command_actor, echo, json_option, print_json
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.groups.commands import find_group
from webapp.roles.access_schemas import AccessOut
from webapp.roles.commands import find_role
from webapp.roles.queries import grants_of_group, grants_to_user
from webapp.roles.schemas import GrantOut
from webapp.users.commands import MOMENT
from webapp.users.queries import get_user_by_identifier

Command = TypeVar("Command", bound=Callable[..., Any])
within_option = click.option("--within", help="Name or ID of the group within which it counts. Default: everywhere.")


def _period_options(command: Command) -> Command:
    starts = click.option("--starts-at", type=MOMENT, help="When it starts. ISO 8601, in UTC by default.")
    ends = click.option("--ends-at", type=MOMENT, help="When it ends. ISO 8601, in UTC by default.")
    return within_option(starts(ends(command)))


@click.command("access")
@click.argument("user")
@json_option
@with_appcontext
def access(user: str, as_json: bool) -> None:
    """Show what a user can do, and the roles and groups that are the reasons."""
    user_id = get_user_by_identifier(user).id
    grants = grants_of_user(user_id)
    shown = AccessOut.of(user_id, powers_of(user_id), grants=grants, memberships=memberships_of_user(user_id))
    if as_json:
        print_json(shown.model_dump(mode="json"))
        return
    names = {grant.id: _reason(grant) for grant in grants}
    for each in shown.permissions:
        place = f" within {each.within.name}" if each.within else ""
        echo(f"{each.permission}{place}: {', '.join(dict.fromkeys(names[grant_id] for grant_id in each.given_by))}")


@click.command("roles")
@click.argument("user")
@json_option
@with_appcontext
def of_user(user: str, as_json: bool) -> None:
    """List the present and future roles of a user, also those of their groups."""
    _print(grants_to_user(get_user_by_identifier(user).id), as_json=as_json)


@click.command("roles")
@click.argument("group")
@json_option
@with_appcontext
def of_group(group: str, as_json: bool) -> None:
    """List the present and future roles of a group."""
    _print(grants_of_group(find_group(group).id), as_json=as_json)


@click.command("give-role")
@click.argument("user")
@click.argument("role")
@_period_options
@json_option
@with_appcontext
def give_to_user(user: str, role: str, as_json: bool, **options: Any) -> None:
    """Give a user the role with this name or ID."""
    _give(role, user_id=get_user_by_identifier(user).id, as_json=as_json, **options)


@click.command("give-role")
@click.argument("group")
@click.argument("role")
@_period_options
@json_option
@with_appcontext
def give_to_group(group: str, role: str, as_json: bool, **options: Any) -> None:
    """Give a group the role with this name or ID. All its members have it."""
    _give(role, group_id=find_group(group).id, as_json=as_json, **options)


@click.command("remove-role")
@click.argument("user")
@click.argument("role")
@within_option
@with_appcontext
def remove_from_user(user: str, role: str, within: str | None) -> None:
    """Remove a role that a user holds themselves. It ends now."""
    user_id = get_user_by_identifier(user).id
    _remove((grant for grant in _all(grants_to_user(user_id)) if grant.user_id == user_id), role, within)


@click.command("remove-role")
@click.argument("group")
@click.argument("role")
@within_option
@with_appcontext
def remove_from_group(group: str, role: str, within: str | None) -> None:
    """Remove a role of a group. It ends now."""
    _remove(_all(grants_of_group(find_group(group).id)), role, within)


def _give(
    role: str,
    *,
    within: str | None,
    starts_at: datetime | str | None,
    ends_at: datetime | str | None,
    as_json: bool,
    user_id: UUID | None = None,
    group_id: UUID | None = None,
) -> None:
    if "" in (starts_at, ends_at):
        # An unset variable of a shell must not mean a role without an end.
        raise click.UsageError("Write a date and time, or leave the option out.")
    holder: Any = {"user_id": user_id, "group_id": group_id, "starts_at": starts_at, "ends_at": ends_at}
    scope_id = None if within is None else find_group(within).id
    grant = grant_role(find_role(role).id, scope_id=scope_id, by=command_actor(), **holder)
    if as_json:
        print_json(GrantOut.of(grant).model_dump(mode="json"))
    else:
        echo(_line(grant))


def _remove(grants: Iterator[RoleGrant], role: str, within: str | None) -> None:
    role_id, scope_id = find_role(role).id, None if within is None else find_group(within).id
    found = [grant.id for grant in grants if (grant.role_id, grant.scope_id) == (role_id, scope_id)]
    if not found:
        raise NotFound(_("They do not have this role"))
    for grant_id in found:
        end_grant(grant_id, by=command_actor())


def _print(grants: Select[RoleGrant], *, as_json: bool) -> None:
    rows = list(_all(grants))
    if as_json:
        print_json([GrantOut.of(grant).model_dump(mode="json") for grant in rows])
        return
    for grant in rows:
        echo(_line(grant))


def _all(grants: Select[RoleGrant]) -> Iterator[RoleGrant]:
    """Return all grants of one holder, who has few."""
    return iter(db.session.scalars(grants.order_by(RoleGrant.id)).all())


def _line(grant: RoleGrant) -> str:
    ends = f"  until {grant.ends_at:%Y-%m-%d %H:%M} UTC" if grant.ends_at else ""
    return f"{grant.id}  {_reason(grant)}{ends}"


def _reason(grant: RoleGrant) -> str:
    """Return `Helpdesk within Sales through the group Desk`."""
    within = f" within {grant.scope.name}" if grant.scope else ""
    return f"{grant.role.name}{within}" + (f" through the group {grant.group.name}" if grant.group else "")
