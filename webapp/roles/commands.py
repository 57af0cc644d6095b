"""The commands `flask roles …`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.access.models import Role
from webapp.access.queries import find_by_name, list_roles
from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.core.errors import NotFound
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.roles.schemas import RoleOut
from webapp.roles.services import create_role, delete_role, patch_role, restore_role

roles_commands = AppGroup("roles", help="List, create, change, delete and restore roles.")
permissions_option = click.option(
    "--permission",
    "permissions",
    multiple=True,
    metavar="PERMISSION",
    help="A permission of the role, for example users.read. You can repeat this option.",
)


@roles_commands.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List all roles: first the built-in ones, then the others by name."""
    roles = list_roles()
    if as_json:
        print_json([RoleOut.of(role).model_dump(mode="json") for role in roles])
        return
    for role in roles:
        echo(f"{role.id}\t{role.name}\t{', '.join(sorted(role.allows))}")


@roles_commands.command("show")
@click.argument("role")
@json_option
def show(role: str, as_json: bool) -> None:
    """Show the role with this name or ID."""
    _print(find_role(role), as_json=as_json)


@roles_commands.command("create")
@click.option("--name", required=True)
@click.option("--description", default="")
@permissions_option
@json_option
def create(name: str, description: str, permissions: tuple[str, ...], as_json: bool) -> None:
    """Create a role."""
    role = create_role(name=name, description=description, permissions=permissions, by=command_actor())
    _print(role, as_json=as_json)


@roles_commands.command("update")
@click.argument("role")
@click.option("--name")
@click.option("--description")
@permissions_option
@json_option
def update(role: str, permissions: tuple[str, ...], as_json: bool, **texts: str | None) -> None:
    """Change the role with this name or ID. With --permission, it has only the permissions that you name."""
    fields: Any = {name: text for name, text in texts.items() if text is not None}
    if permissions:
        fields["permissions"] = permissions
    _print(patch_role(find_role(role).id, **fields, by=command_actor()), as_json=as_json)


@roles_commands.command("delete")
@click.argument("role")
@json_option
def delete(role: str, as_json: bool) -> None:
    """Delete the role with this name or ID. Until it is restored, it allows nothing."""
    _print(delete_role(find_role(role).id, by=command_actor()), as_json=as_json)


@roles_commands.command("restore")
@click.argument("role_id", type=click.UUID)
@json_option
def restore(role_id: UUID, as_json: bool) -> None:
    """Restore the role with this ID. Everyone who had it has it again."""
    _print(restore_role(role_id, by=command_actor()), as_json=as_json)


def find_role(name: str) -> Role:
    """Return the role with this name or ID. Raise NotFound."""
    role = find_by_name(Role, caseless_key(name))
    if role is None:
        raise NotFound(_("This role does not exist"))
    return role


def _print(role: Role, *, as_json: bool) -> None:
    print_record(RoleOut.of(role).model_dump(mode="json"), as_json=as_json)
