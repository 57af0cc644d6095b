"""The person that a command acts for. Views, exports and files need an owner, and a command cannot be one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import click

from webapp.core.commands import command_actor
from webapp.core.errors import WrongState
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.users.queries import get_user, get_user_by_identifier

as_option = click.option(
    "--as",
    "as_user",
    required=True,
    metavar="USER",
    help="The user to act for: an e-mail address, username or ID. The command can do what they can do.",
)


def acting_as(identifier: str) -> Actor:
    """Return this person as the actor of a command. Raise NotFound, or WrongState if they cannot sign in."""
    return acting_for(get_user_by_identifier(identifier).id)


def acting_for(user_id: UUID) -> Actor:
    """Return the person with this ID as the actor of a command. Raise as `acting_as`."""
    user = get_user(user_id)
    if not user.can_sign_in:
        raise WrongState(_("%(name)s cannot sign in, so a command cannot act for them", name=user.name))
    return replace(command_actor(), id=user.id)
