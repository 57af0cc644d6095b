"""The only entry point to changes of one's own e-mail address: ask for it, confirm it, cancel it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from webapp.access.checks import check_user_action
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.queries import records_of
from webapp.audit.services import record
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.mail.messages import Message
from webapp.mail.services import send_message
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.one_time_tokens.queries import open_token
from webapp.one_time_tokens.services import issue_token, revoke_tokens, use_token
from webapp.recovery.queries import link_address
from webapp.users.identity import parse_email
from webapp.users.models import User
from webapp.users.notices import event_facts, notify_of_new_email, recipient_of, send_notice
from webapp.users.own_mails import delete_own_mails
from webapp.users.services import apply_user_changes, flush_user, lock_user


@transaction()
def request_email_change(user_id: UUID, *, email: str, by: Actor) -> str:
    """Mail a link to the new address, and a notice to the present one. Return the new address. Raise Invalid.

    Whether another user has the address shows only when it is confirmed: only its owner may know that.
    """
    email, key = parse_email(email)
    user = lock_user(user_id)
    if key == user.email_key:
        raise Invalid(_("This is your e-mail address already"), field="email", code="same")
    token, row = issue_token(TokenKind.EMAIL_CHANGE, user_id=user_id, by=by, data={"email": email})
    address, expires_at = link_address("email-change", token), row.expires_at
    mail = send_message(
        recipient_of(user, email=email), lambda: _confirmation(user.email, email, address, expires_at), by=by
    )
    row.mail_id = mail.id
    send_notice(user, lambda: _request_notice(email, by), by=by, email=user.email)
    record(Action.EMAIL_CHANGE_REQUESTED, subject=user, by=by, changes={"email": (user.email, email)})
    return email


@transaction()
def confirm_email_change(token: OneTimeToken, *, by: Actor) -> User:
    """Make the new address count. Raise Taken if another user has it meanwhile, Gone if the token is not valid."""
    token_id, email = token.id, str(token.data["email"])
    user = lock_user(token.user_id)
    use_token(token_id)
    old = user.email
    changes = apply_user_changes(user, {"email": email})
    flush_user()
    record(Action.USER_UPDATED, subject=user, by=by, changes=changes, own=True)
    notify_of_new_email(user, old, by=by)
    return user


@transaction()
def cancel_email_change(user_id: UUID, *, by: Actor) -> None:
    """Stop the link that confirms the new address. Idempotent. Others than the person need `users.edit`."""
    user = lock_user(user_id)
    if by.id != user_id:
        check_user_action(by, Permission.USERS_EDIT, user_id=user_id)
    pending = open_token(user_id, TokenKind.EMAIL_CHANGE)
    if pending:
        email = str(pending.data["email"])
        revoke_tokens(user_id, [TokenKind.EMAIL_CHANGE])
        record(Action.EMAIL_CHANGE_CANCELLED, subject=user, by=by, changes={"email": (email, None)})


def delete_mails_to_recorded_addresses(user_id: UUID) -> None:
    """Delete the mails to addresses that an erased person asked for or had, in the transaction that erases them.

    The audit trail has each spelling of an address. The tokens do not name all of these addresses, because a job
    removes old ones.
    """
    actions = (Action.EMAIL_CHANGE_REQUESTED, Action.USER_UPDATED)
    records = db.session.scalars(records_of(user_id).where(AuditRecord.action.in_(actions)))
    delete_own_mails(user_id, {str(email) for each in records for email in each.changes.get("email", ()) if email})


def _confirmation(old: str, new: str, address: str, expires_at: datetime) -> Message:
    return Message(
        subject=_("Rollcall: confirm your new e-mail address"),
        paragraphs=[_("The account %(old)s is to use the address %(new)s.", old=old, new=new)],
        button=_("Confirm address"),
        address=address,
        expires_at=expires_at,
        not_you=_("If you did not ask for this, do nothing. The address stays as it is."),
    )


def _request_notice(new: str, by: Actor) -> Message:
    return Message(
        subject=_("Rollcall: a new e-mail address waits for its confirmation"),
        paragraphs=[
            _("Your account is to use the address %(email)s. It counts once it is confirmed there.", email=new)
        ],
        facts=event_facts(by),
    )
