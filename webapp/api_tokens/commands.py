"""The commands `flask tokens …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.api_tokens.services import DAYS_DEFAULT, create_token
from webapp.core.commands import command_actor, echo, json_option, print_json
from webapp.users.queries import get_user_by_identifier

tokens_commands = AppGroup("tokens", help="Create tokens for the API.")


@tokens_commands.command("create")
@click.option("--email", required=True, help="User of the token. It has the permissions of this user.")
@click.option("--name", required=True, help="Name of the token, for example its purpose.")
@click.option("--days", default=DAYS_DEFAULT, show_default=True, help="Number of days until it expires.")
@json_option
def create(email: str, name: str, days: int, as_json: bool) -> None:
    """Create a token and print it. It cannot be shown again."""
    token = create_token(get_user_by_identifier(email), name=name, days=days, by=command_actor())
    if as_json:
        print_json({"token": token})
    else:
        echo(token)
