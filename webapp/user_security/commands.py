"""`flask users recover`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor, echo, json_option, print_json
from webapp.user_security.services import issue_one_time_pass
from webapp.users.queries import get_user_by_identifier


@click.command("recover")
@click.option("--email", required=True, help="The e-mail address, username or ID of the user.")
@json_option
@with_appcontext
def recover(email: str, as_json: bool) -> None:
    """Print a link that lets a user in who lost everything, for example the last owner.

    It works once, for 15 minutes. The user chooses a new password. Their second factors stop working, and a lock ends.
    """
    issued = issue_one_time_pass(get_user_by_identifier(email).id, by=command_actor())
    if as_json:
        print_json({"url": issued.address, "expires_at": issued.expires_at.isoformat(), "email": issued.user.email})
        return
    # Only the link stands on standard output, so that it can be piped and copied.
    echo(issued.address)
    click.echo(f"For {issued.user.email}. Works once, until {issued.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)
