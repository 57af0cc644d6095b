"""The command `flask roles list`."""

from __future__ import annotations

from flask.cli import AppGroup

from webapp.access.queries import list_roles
from webapp.core.commands import echo, json_option, print_json
from webapp.roles.schemas import RoleOut

roles_commands = AppGroup("roles", help="List roles.")


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
