"""flask tokens …"""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.api_tokens.services import DAYS_DEFAULT, create_token
from webapp.core.commands import as_json, operator, print_json, refusing
from webapp.users.queries import named_user

tokens_commands = AppGroup("tokens", help="Tokens by which other systems use the API.")


@tokens_commands.command("create")
@click.option("--email", required=True, help="Whose: the token may do what this user may.")
@click.option("--name", required=True, help="What it is for.")
@click.option("--days", default=DAYS_DEFAULT, show_default=True, help="How long it works.")
@as_json
@refusing
def create(email: str, name: str, days: int, as_json: bool) -> None:
    """Make a token and print it, once."""
    token = create_token(named_user(email), name=name, days=days, by=operator())
    if as_json:
        print_json({"token": token})
    else:
        click.echo(token)
