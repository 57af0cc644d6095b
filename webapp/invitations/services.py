"""The only entry point to invitations: send and revoke them. Callers lock the person and check permissions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol
from uuid import UUID

from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.context import current_settings
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _, language
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.invitations.queries import Inviter, inviter_of
from webapp.mail.messages import Message, Recipient
from webapp.mail.queries import Letterhead, letterhead
from webapp.mail.services import Letter, send_message, send_messages
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.queries import current_token
from webapp.one_time_tokens.services import IssuedToken, issue_first_token, issue_token, revoke_tokens


class Invitee(Protocol):
    """A saved person who cannot sign in yet."""

    @property
    def id(self) -> UUID: ...
    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def locale(self) -> str | None: ...
    @property
    def timezone(self) -> str | None: ...


@transaction()
def send_invitation(person: Invitee, *, by: Actor) -> None:
    """Send the person a link by e-mail. Earlier links of theirs stop working.

    If `by` is Rollcall itself, the person asked for a new link: it is from the same inviter, in the same language.
    """
    issued = _issue_invitation(person, by=by)
    inviter, locale = inviter_of(issued.row), person.locale or str(issued.row.data["locale"])
    recipient = Recipient(person.email, person.name, locale, person.timezone)
    mail = send_message(recipient, lambda: _invitation(issued, inviter, letterhead(locale)), by=by)
    issued.row.mail_id = mail.id
    _record_sent(person, issued, by=by, delivery="mail")


@transaction()
def send_first_invitations(people: Sequence[Invitee], *, by: Actor) -> None:
    """Send each of these people a link, like `send_invitation` but in few statements.

    Call it in the transaction that creates them. `by` is not Rollcall itself.
    """
    if not people:
        return
    inviter, data = _inviter(by), {"locale": language()}
    tokens = [issue_first_token(TokenKind.INVITATION, user_id=each.id, by=by, data=data) for each in people]
    letters = [
        Letter(
            Recipient(person.email, person.name, person.locale or data["locale"], person.timezone),
            partial(_invitation, issued, inviter),
        )
        for person, issued in zip(people, tokens, strict=True)
    ]
    for person, issued, mail in zip(people, tokens, send_messages(letters, by=by), strict=True):
        issued.row.created_by_id, issued.row.created_by_name = inviter
        issued.row.mail_id = mail.id
        _record_sent(person, issued, by=by, delivery="mail")
    db.session.flush()


@transaction()
def create_invitation_link(person: Invitee, *, by: Actor) -> str:
    """Return a new link, which no one can see again. Earlier links of the person stop working."""
    issued = _issue_invitation(person, by=by)
    _record_sent(person, issued, by=by, delivery="link")
    return invitation_address(issued.token)


@transaction()
def revoke_invitation(person: Invitee, *, by: Actor) -> bool:
    """Stop the person's link from working. Return whether it worked until now."""
    revoked = revoke_tokens(person.id, [TokenKind.INVITATION]) > 0
    if revoked:
        record(Action.INVITATION_REVOKED, subject=person, by=by, changes={"invitation": ("open", "revoked")})
    return revoked


def invitation_address(token: str) -> str:
    return f"{current_settings().base_url}/invitation?token={token}"


def _issue_invitation(person: Invitee, *, by: Actor) -> IssuedToken:
    before = current_token(person.id, TokenKind.INVITATION) if by.kind == ActorKind.SYSTEM else None
    inviter = _inviter(by)
    data = {"locale": language()}
    if before:
        inviter, data = inviter_of(before), before.data
    issued = issue_token(TokenKind.INVITATION, user_id=person.id, by=by, data=data)
    issued.row.created_by_id, issued.row.created_by_name = inviter
    return issued


def _inviter(by: Actor) -> Inviter:
    return Inviter(by.id, by.label if by.kind == ActorKind.USER else "")


def _record_sent(person: Invitee, issued: IssuedToken, *, by: Actor, delivery: str) -> None:
    changes = {
        "email": (None, person.email),
        "invitation_delivery": (None, delivery),
        "invitation_id": (None, str(issued.row.id)),
    }
    record(Action.INVITATION_SENT, subject=person, by=by, changes=changes)


def _invitation(issued: IssuedToken, inviter: Inviter, ours: Letterhead) -> Message:
    organisation = ours.name or "Rollcall"
    values = {"inviter": inviter.name, "organisation": organisation}
    if inviter.name:
        subject = _("%(inviter)s invites you to %(organisation)s", **values)
        opening = _("%(inviter)s has created an account for you at %(organisation)s.", **values)
    else:
        subject = _("Invitation to %(organisation)s", **values)
        opening = _("An account for you was created at %(organisation)s.", **values)
    paragraphs = [opening, _("Choose how you sign in, and your account is ready.")]
    return Message(
        subject=subject,
        paragraphs=[*paragraphs, *([ours.invitation_intro] if ours.invitation_intro else [])],
        button=_("Accept invitation"),
        address=invitation_address(issued.token),
        expires_at=issued.row.expires_at,
        not_you=_(
            "If you did not expect this invitation, do nothing: without you, no one can sign in with the account."
        ),
    )
