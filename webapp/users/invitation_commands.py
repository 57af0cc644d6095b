"""`flask users invitation` and what can be done with an invitation."""

from __future__ import annotations

from uuid import UUID

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.invitations.queries import invitation_of
from webapp.users.inviting import invite_user, link_for_user, withdraw_invitation
from webapp.users.queries import get_user_by_identifier
from webapp.users.schemas import InvitationOut


@click.command("invitation")
@click.argument("user")
@json_option
@with_appcontext
def show(user: str, as_json: bool) -> None:
    """Show the newest invitation of a user."""
    _print(get_user_by_identifier(user).id, as_json=as_json)


@click.command("send-invitation")
@click.argument("user")
@json_option
@with_appcontext
def send(user: str, as_json: bool) -> None:
    """Invite a user who cannot sign in yet, or send the invitation again. Earlier links stop working."""
    _print(invite_user(get_user_by_identifier(user).id, by=command_actor()).id, as_json=as_json)


@click.command("revoke-invitation")
@click.argument("user")
@json_option
@with_appcontext
def revoke(user: str, as_json: bool) -> None:
    """Revoke the open invitation of a user. Its link stops working."""
    _print(withdraw_invitation(get_user_by_identifier(user).id, by=command_actor()).id, as_json=as_json)


@click.command("invitation-link")
@click.argument("user")
@json_option
@with_appcontext
def create_link(user: str, as_json: bool) -> None:
    """Print a new invitation link to pass on. Its holder can sign in as the user. Earlier links stop working."""
    address = link_for_user(get_user_by_identifier(user).id, by=command_actor())
    if as_json:
        print_json({"url": address})
    else:
        echo(address)


def _print(user_id: UUID, *, as_json: bool) -> None:
    found = invitation_of(user_id)
    if found is None:
        raise NotFound(_("This user has no invitation"))
    print_record(InvitationOut.model_validate(found).model_dump(mode="json"), as_json=as_json)
