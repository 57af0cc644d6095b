"""`flask users email-change`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor, json_option, print_record
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.email_changes.schemas import EmailChangeOut
from webapp.email_changes.services import cancel_email_change
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.queries import open_token
from webapp.users.queries import get_user_by_identifier


@click.command("email-change")
@click.argument("user")
@click.option("--cancel", is_flag=True, help="Stop the link that confirms the new address.")
@json_option
@with_appcontext
def email_change(user: str, cancel: bool, as_json: bool) -> None:
    """Show the new e-mail address that a user asked for, until they confirm it."""
    user_id = get_user_by_identifier(user).id
    pending = open_token(user_id, TokenKind.EMAIL_CHANGE)
    if pending is None:
        raise NotFound(_("This user did not ask for a new e-mail address"))
    shown = EmailChangeOut.of(pending).model_dump(mode="json")
    if cancel:
        cancel_email_change(user_id, by=command_actor())
    print_record(shown, as_json=as_json)
