"""The commands `flask users …`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import AppGroup

from webapp.access.models import OWNER, Group, Role
from webapp.access.queries import ids_by_name
from webapp.attributes.values import TextInput
from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.core.errors import Invalid
from webapp.core.moments import to_utc
from webapp.core.texts import _
from webapp.users.invite_people import InvitedLine, Outcome, invite_lines, read_lines
from webapp.users.models import User
from webapp.users.queries import get_user_by_identifier
from webapp.users.schemas import UserOut
from webapp.users.services import create_user, deactivate_user, reactivate_user, update_user

users_commands = AppGroup("users", help="Create, list, show, change, deactivate, delete, restore and import people.")
WINDOW = {"starts_at", "ends_at"}


class _Moment(click.ParamType[Any]):
    """A date and time in ISO 8601. Without an offset it is in UTC. An empty text removes the value."""

    name = "moment"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if value == "" or isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail("write a date and time like 2027-03-31T18:00 or 2027-03-31T18:00+03:00", param, ctx)
        return to_utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)


MOMENT = _Moment()


@users_commands.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--username")
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="KEY=VALUE",
    help="The value of an attribute. You can repeat this option.",
)
@click.option("--owner", is_flag=True, help="Give the user the role Owner, with every permission.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
def create(
    email: str,
    name: str,
    username: str | None,
    attributes: tuple[str, ...],
    owner: bool,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Create a user. Without a password, they cannot sign in yet."""
    pairs = [attribute.partition("=") for attribute in attributes]
    password = _password() if password_stdin else None
    user = create_user(
        email=email,
        name=name,
        username=username,
        password=password,
        attributes={key: TextInput(value) for key, _equals, value in pairs},
        roles=[OWNER] if owner else [],
        by=command_actor(),
    )
    _print(user, as_json=as_json)


@users_commands.command("invite")
@click.argument("emails", nargs=-1, required=True, metavar="EMAIL…")
@click.option(
    "--role", "roles", multiple=True, metavar="ROLE", help="Name or ID of a role. You can repeat this option."
)
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="The same for a group.")
@json_option
def invite(emails: tuple[str, ...], roles: tuple[str, ...], groups: tuple[str, ...], as_json: bool) -> None:
    """Create users and send each an invitation. EMAIL can also be “Name <address>”.

    The exit code is 1 if an address was not invited, for example because a user has it already.
    """
    role_ids, group_ids = ids_by_name(Role, roles), ids_by_name(Group, groups)
    lines = read_lines("\n".join(emails))
    invite_lines(lines, roles=role_ids, groups=group_ids, by=command_actor())
    if as_json:
        print_json([_shown_line(line) for line in lines])
    for line in [] if as_json else lines:
        echo(f"{line.email}: {line.outcome}{f' ({line.reason})' if line.reason else ''}")
    sys.exit(0 if all(line.outcome == Outcome.INVITED for line in lines) else 1)


def _shown_line(line: InvitedLine) -> dict[str, Any]:
    return {"email": line.email, "outcome": line.outcome, "reason": line.reason or None, "id": line.user_id}


@users_commands.command("show")
@click.argument("user")
@json_option
def show(user: str, as_json: bool) -> None:
    """Show the user with this e-mail address, username or ID."""
    _print(get_user_by_identifier(user), as_json=as_json)


@users_commands.command("update")
@click.argument("user")
@click.option("--email")
@click.option("--name")
@click.option("--username", help="A new username. An empty text removes it.")
@click.option(
    "--starts-at",
    type=MOMENT,
    help="The user cannot sign in before this time. ISO 8601, in UTC by default. An empty text removes it.",
)
@click.option("--ends-at", type=MOMENT, help="The user cannot sign in from this time on. An empty text removes it.")
@click.option("--password-stdin", is_flag=True, help="Read a new password from standard input.")
@json_option
def update(user: str, password_stdin: bool, as_json: bool, **options: Any) -> None:
    """Change some fields of the user with this e-mail address, username or ID."""
    fields: Any = {name: value for name, value in options.items() if value is not None}
    if password_stdin:
        fields["password"] = _password()
    for name in WINDOW & fields.keys():
        fields[name] = fields[name] or None
    _print(update_user(get_user_by_identifier(user).id, **fields, by=command_actor()), as_json=as_json)


@users_commands.command("deactivate")
@click.argument("user")
@json_option
def deactivate(user: str, as_json: bool) -> None:
    """End the access of a user. Nothing is deleted."""
    _print(deactivate_user(get_user_by_identifier(user).id, by=command_actor()), as_json=as_json)


@users_commands.command("reactivate")
@click.argument("user")
@json_option
def reactivate(user: str, as_json: bool) -> None:
    """Give a deactivated user access again."""
    _print(reactivate_user(get_user_by_identifier(user).id, by=command_actor()), as_json=as_json)


def _password() -> str:
    # Windows ends lines with CR LF, and its tools put a byte order mark before UTF-8.
    password = sys.stdin.readline().removeprefix("\ufeff").rstrip("\r\n")
    if not password:
        raise Invalid(_("Enter a password"), field="password", code="missing")
    return password


def _print(user: User, *, as_json: bool) -> None:
    print_record(UserOut.of(user).model_dump(mode="json"), as_json=as_json)
