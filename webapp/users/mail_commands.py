"""`flask settings test-mail`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor
from webapp.mail.messages import Recipient
from webapp.mail_settings.services import send_test_mail
from webapp.users.queries import get_user_by_identifier


@click.command("test-mail")
@click.argument("user")
@with_appcontext
def test_mail(user: str) -> None:
    """Send the sample e-mail to a user, with the saved texts."""
    found = get_user_by_identifier(user)
    send_test_mail(Recipient(found.email, found.name, found.locale or "en", found.timezone), by=command_actor())
