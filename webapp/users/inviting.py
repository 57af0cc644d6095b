"""Invite users who cannot sign in yet: again, by a link, or no more."""

from __future__ import annotations

from uuid import UUID

from webapp.access.checks import check_user_action
from webapp.core.errors import WrongState
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.invitations.queries import Invitation, InvitationState, has_open_invitation, invitation_of
from webapp.invitations.services import create_invitation_link, revoke_invitation, send_invitation
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.queries import may_ask_again
from webapp.users.models import ListedUser, Status, User
from webapp.users.saving import lock_user


@transaction()
def invite_user(user_id: UUID, *, by: Actor) -> User:
    """Send a user an invitation. Their earlier links stop working. Raise Forbidden, or WrongState if they need none."""
    user = _lock_invitable(user_id, Permission.USERS_CREATE, by=by)
    send_invitation(user, by=by)
    return user


@transaction()
def link_for_user(user_id: UUID, *, by: Actor) -> str:
    """Return a new invitation link to pass on. The holder can sign in as the user, so it takes `users.reset`."""
    user = _lock_invitable(user_id, Permission.USERS_RESET, by=by)
    return create_invitation_link(user, by=by)


@transaction()
def withdraw_invitation(user_id: UUID, *, by: Actor) -> User:
    """Revoke the open invitation of a user. Raise Forbidden, or WrongState if there is none."""
    user = lock_user(user_id)
    check_user_action(by, Permission.USERS_CREATE, user_id=user_id)
    if not has_open_invitation(user_id) or not revoke_invitation(user, by=by):
        raise WrongState(_("%(name)s has no open invitation", name=user.name))
    return user


def _lock_invitable(user_id: UUID, permission: Permission, *, by: Actor) -> User:
    user = lock_user(user_id)
    check_user_action(by, permission, user_id=user_id)
    if user.status == Status.DEACTIVATED or user.has_ended:
        raise WrongState(_("%(name)s has no access any more. Reactivate them first.", name=user.name))
    if not is_invitable(user):
        raise WrongState(_("%(name)s needs no invitation: they have chosen how they sign in", name=user.name))
    return user


@transaction()
def invite_again(user: User, *, by: Actor) -> None:
    """Send another invitation to a locked user who asked for one.

    `by` is Rollcall itself. People whose invitation was revoked, who need none or who asked too often get none.
    """
    found = invitation_of(user.id)
    is_invited = found is not None and found.state != InvitationState.REVOKED and is_invitable(user)
    if is_invited and may_ask_again(user.id, TokenKind.INVITATION):
        send_invitation(user, by=by)


def is_invitable(user: User) -> bool:
    """Whether the user has not chosen yet how they sign in, and may do so."""
    return user.status == Status.INVITED and not user.has_ended and user.locked_at is None


def invitation_for(user: User | ListedUser) -> Invitation | None:
    """Return the newest invitation of a user who has not chosen yet how they sign in. Others need no query."""
    return invitation_of(user.id) if user.status == Status.INVITED else None
