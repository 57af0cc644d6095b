"""What administrators do about how a person signs in. The only entry point to these changes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from webapp.access.checks import check_user_action
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import Forbidden, WrongState
from webapp.core.passwords import NO_PASSWORD
from webapp.core.permissions import Actor, ActorKind, Permission
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.factors import services as factors
from webapp.mail.messages import Message
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import issue_token, revoke_tokens
from webapp.recovery.queries import link_address
from webapp.recovery.services import can_recover, send_reset
from webapp.signin import sessions
from webapp.users.models import Status, User
from webapp.users.notices import event_facts, send_notice
from webapp.users.passwords import end_api_tokens
from webapp.users.saving import lock_user


class OneTimePass(NamedTuple):
    """A link that lets a person in once, instead of all their factors. It cannot be read again."""

    user: User
    address: str
    expires_at: datetime


@transaction()
def start_reset(user_id: UUID, *, by: Actor) -> User:
    """Mail the person a link for a new password. Raise Forbidden, or WrongState if they have no access."""
    user = _lock_recoverable(user_id, by=by)
    send_reset(user, by=by)
    return user


@transaction()
def issue_one_time_pass(user_id: UUID, *, by: Actor) -> OneTimePass:
    """Issue a link for a person who lost everything, and mail them a notice. Earlier ones stop working.

    Raise Forbidden, also for oneself, or WrongState if they have no access.
    """
    user = _lock_recoverable(user_id, by=by)
    if user.id == by.id:
        raise Forbidden(_("Another administrator can give you a one-time pass"))
    token, row = issue_token(TokenKind.ONE_TIME_PASS, user_id=user_id, by=by)
    record(Action.ONE_TIME_PASS_ISSUED, subject=user, by=by)
    send_notice(user, lambda: _issued_message(by), by=by)
    return OneTimePass(user, link_address("reset", token), row.expires_at)


@transaction()
def mark_compromised(user_id: UUID, *, by: Actor) -> User:
    """End all that an intruder could use: sessions, API tokens, factors, password and links. Mail a reset.

    Also for the last owner: the e-mail lets them back in. Raise Forbidden, also for oneself, or WrongState.
    """
    user = _lock_recoverable(user_id, by=by)
    if user.id == by.id:
        raise Forbidden(_("Change your own password and end your sessions on your account page"))
    sessions.end_sessions(user_id, by=by)
    end_api_tokens(user, by=by)
    factors.remove_all_factors(user_id, by=by)
    user.password_hash = NO_PASSWORD
    user.sessions_since = now()
    revoke_tokens(user_id)
    record(Action.ACCOUNT_COMPROMISED, subject=user, by=by)
    send_reset(user, by=by)
    return user


@transaction()
def end_sessions_of(user_id: UUID, *, session_id: UUID | None = None, by: Actor) -> None:
    """End all sessions of the person, or the one with this ID. Idempotent. Raise Forbidden."""
    lock_user(user_id)
    check_user_action(by, Permission.USERS_RESET, user_id=user_id)
    if session_id:
        sessions.end_session(session_id, user_id=user_id, by=by)
    else:
        sessions.end_sessions(user_id, by=by)


@transaction()
def remove_factor_of(user_id: UUID, factor: str, *, by: Actor) -> None:
    """Remove one factor of the person, who gets a notice. Raise Forbidden, or NotFound without this factor."""
    lock_user(user_id)
    check_user_action(by, Permission.USERS_RESET, user_id=user_id)
    factors.remove_factor(user_id, factor, by=by)


@transaction()
def remove_factors_of(user_id: UUID, *, by: Actor) -> None:
    """Remove all factors of the person, who gets a notice. Idempotent. Raise Forbidden."""
    lock_user(user_id)
    check_user_action(by, Permission.USERS_RESET, user_id=user_id)
    factors.remove_all_factors(user_id, by=by)


def _lock_recoverable(user_id: UUID, *, by: Actor) -> User:
    user = lock_user(user_id)
    check_user_action(by, Permission.USERS_RESET, user_id=user_id)
    if user.status == Status.INVITED:
        raise WrongState(_("%(name)s has not signed in yet. Send the invitation again.", name=user.name))
    if not can_recover(user):
        raise WrongState(_("%(name)s has no access any more. Reactivate them first.", name=user.name))
    return user


def _issued_message(by: Actor) -> Message:
    return Message(
        subject=_("Rollcall: you were given a one-time pass"),
        paragraphs=[
            _("With it, you choose a new password without your second factor. The administrator gives you the link."),
            _("Your present second factors stop working when you use it."),
        ],
        facts=[
            (_("Given by"), by.label if by.kind == ActorKind.USER else _("The operator of Rollcall")),
            *event_facts(by),
        ],
    )
