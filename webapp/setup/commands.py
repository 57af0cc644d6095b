"""`flask setup`: print the set-up link."""

from __future__ import annotations

from flask.cli import AppGroup

from webapp.core.commands import echo
from webapp.setup.services import setup_link

setup_commands = AppGroup("setup", help="Create the first owner.")


@setup_commands.command("link")
def link() -> None:
    """Print the link that creates the first owner. Print nothing if there is a user."""
    if address := setup_link():
        echo(address)
