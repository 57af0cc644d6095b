"""The commands `flask tokens …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.api_tokens.services import DAYS_DEFAULT, create_token
from webapp.core.commands import command_actor, exits_on_refusal, json_option, print_json
from webapp.users.queries import get_user_by_identifier

tokens_commands = AppGroup("tokens", help="Tokens by which other systems use the API.")


@tokens_commands.command("create")
@click.option("--email", required=True, help="Whose: the token may do what this user may.")
@click.option("--name", required=True, help="What it is for.")
@click.option("--days", default=DAYS_DEFAULT, show_default=True, help="How long it works.")
@json_option
@exits_on_refusal
def create(email: str, name: str, days: int, as_json: bool) -> None:
    """Make a token and print it, once."""
    token = create_token(get_user_by_identifier(email), name=name, days=days, by=command_actor())
    if as_json:
        print_json({"token": token})
    else:
        click.echo(token)
