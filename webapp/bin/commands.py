"""`flask users delete`, `restore` and `purge`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.bin.queries import kept_until
from webapp.bin.services import delete_user, purge_user, restore_user
from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.core.errors import NotFound
from webapp.users.models import User
from webapp.users.queries import get_user_by_identifier
from webapp.users.schemas import UserOut


@click.command("delete")
@click.argument("user")
@json_option
@with_appcontext
def delete(user: str, as_json: bool) -> None:
    """Move a user to the bin. Other users can use their e-mail and username at once."""
    deleted = delete_user(get_user_by_identifier(user).id, by=command_actor())
    _print(deleted, as_json=as_json)
    if not as_json:
        click.echo(f"They can be restored until {kept_until(deleted):%Y-%m-%d %H:%M} UTC.", err=True)


@click.command("restore")
@click.argument("user")
@click.option("--email", help="A different e-mail, if another user has theirs now.")
@click.option("--username", help="A different username. Empty: no username.")
@json_option
@with_appcontext
def restore(user: str, email: str | None, username: str | None, as_json: bool) -> None:
    """Restore a user from the bin, unchanged. If several had this e-mail, restore the one deleted last."""
    _print(restore_user(_find_in_bin(user).id, email=email, username=username, by=command_actor()), as_json=as_json)


@click.command("purge")
@click.argument("user")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@json_option
@with_appcontext
def purge(user: str, yes: bool, as_json: bool) -> None:
    """Erase the data of a user in the bin. You cannot undo this."""
    found = get_user_by_identifier(user, deleted=True)
    if not yes:
        click.confirm(f"Erase {found.name} <{found.email}> for good?", abort=True, err=True)
    user_id = found.id
    purge_user(user_id, by=command_actor())
    if as_json:
        print_json({"id": user_id, "erased": True})
    else:
        echo(f"{user_id} was erased.")


def _find_in_bin(identifier: str) -> User:
    """Return a user in the bin, or else one who is not deleted: restoring them changes nothing."""
    try:
        return get_user_by_identifier(identifier, deleted=True)
    except NotFound:
        return get_user_by_identifier(identifier)


def _print(user: User, *, as_json: bool) -> None:
    print_record(UserOut.of(user).model_dump(mode="json"), as_json=as_json)
