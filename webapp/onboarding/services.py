"""What an invited person does with their link: give their name, choose how they sign in, ask for another link."""

from __future__ import annotations

import json
from uuid import UUID

from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.errors import Deleted, Gone, NotFound
from webapp.core.passwords import NO_PASSWORD
from webapp.core.permissions import Actor, ActorKind
from webapp.core.sealing import seal, unseal
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.factors.passkeys import add_passkey
from webapp.jobs.services import enqueue
from webapp.one_time_tokens.models import OneTimeToken, TokenKind, TokenState
from webapp.one_time_tokens.queries import find_token
from webapp.one_time_tokens.services import use_token
from webapp.users.inviting import invite_again, is_invitable
from webapp.users.models import User
from webapp.users.passwords import set_own_password
from webapp.users.queries import get_user, get_user_by_identifier
from webapp.users.services import apply_user_changes, flush_user, lock_user

ROLLCALL = Actor(ActorKind.SYSTEM, "Rollcall")


class DeadInvitation(Gone):
    """The link does not work. `state` says why, None: there is no such link."""

    def __init__(self, state: TokenState | None) -> None:
        super().__init__(_("This link no longer works"))
        self.state = state


def open_invitation(token: str) -> tuple[OneTimeToken, User]:
    """Return the row of a link that works, and its person. Raise DeadInvitation."""
    row = find_token(token, TokenKind.INVITATION)
    if row is None or row.state != TokenState.VALID:
        raise DeadInvitation(row.state if row else None)
    user = get_user(row.user_id)
    if not is_invitable(user):
        raise DeadInvitation(TokenState.REVOKED)
    return row, user


@transaction()
def save_profile(token: str, *, name: str, locale: str, by: Actor) -> None:
    """Save the name and language that the person gave. Raise Invalid, DeadInvitation."""
    _row, user = open_invitation(token)
    user = lock_user(user.id)
    if not is_invitable(user):
        # They were deactivated or accepted the invitation at the same moment.
        raise DeadInvitation(TokenState.REVOKED)
    if changes := apply_user_changes(user, {"name": name, "locale": locale}):
        flush_user()
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes, own=True)


def accept_with_password(token: str, *, password: str, by: Actor) -> User:
    """Set the password that the person chose, and use the link up. Raise Invalid, DeadInvitation."""
    row, user = open_invitation(token)
    row_id = row.id
    return set_own_password(user.id, password=password, by=by, check=lambda locked: _accept(row_id, locked, by))


@transaction()
def accept_with_passkey(token: str, *, credential: str, bound_to: str, by: Actor) -> User:
    """Add the passkey that the person's browser created, as their only way in, and use the link up.

    Raise Invalid, DeadInvitation, or Gone if the challenge is not valid.
    """
    row, user = open_invitation(token)
    row_id = row.id
    user = lock_user(user.id)
    _accept(row_id, user, by)
    user.password_hash = NO_PASSWORD
    flush_user()
    add_passkey(user.id, credential=credential, bound_to=bound_to, by=by)
    return user


def _accept(row_id: UUID, user: User, by: Actor) -> None:
    if not is_invitable(user):
        raise DeadInvitation(TokenState.USED)
    use_token(row_id)
    record(Action.INVITATION_ACCEPTED, subject=user, by=by)


@transaction()
def ask_for_invitation(email: str, *, by: Actor) -> None:
    """Enqueue the job that decides whether this address gets another link.

    Whether it is known makes no difference here, so that neither the answer nor its time shows it. The address is
    encrypted, because pages show the arguments of jobs.
    """
    enqueue("onboarding.invite_again", by=by, request=seal(json.dumps({"email": email})))


@transaction()
def answer_request(request: str) -> None:
    """Send another link to the address of a sealed request, if it has an invitation. Raise NotReadable."""
    try:
        user = lock_user(get_user_by_identifier(json.loads(unseal(request))["email"]).id)
    except (NotFound, Deleted):
        return
    invite_again(user, by=ROLLCALL)
