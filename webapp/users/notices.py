"""E-mails to people: recipients, and notices about changes of how they sign in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from webapp.access.models import OWNER
from webapp.access.powers import holder_ids
from webapp.core.clock import now
from webapp.core.formats import format_datetime, viewer_timezone
from webapp.core.permissions import Actor
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.db.session import db
from webapp.mail.messages import Message, Recipient
from webapp.mail.models import Mail
from webapp.mail.services import send_message
from webapp.one_time_tokens.not_me import not_me_address
from webapp.users.models import User

OWNERS_NOTIFIED = 20


def recipient_of(user: User, *, email: str | None = None) -> Recipient:
    """Return the person as a recipient, at their own address or at `email`."""
    return Recipient(email or user.email, user.name, user.locale, user.timezone)


def people_to_notify(user_id: UUID | None) -> list[User]:
    """Return the person or, if they cannot sign in, the owners of Rollcall, at most OWNERS_NOTIFIED."""
    person = db.session.get(User, user_id) if user_id else None
    if person and person.can_sign_in:
        return [person]
    owners = db.session.scalars(select(User).where(User.id.in_(holder_ids(OWNER))).limit(OWNERS_NOTIFIED))
    return [owner for owner in owners if owner.can_sign_in]


def send_notice(user: User, build: Callable[[], Message], *, by: Actor, email: str | None = None) -> Mail:
    """Mail a message to the person, in the caller's transaction, with the link that locks their account.

    `email`: send it there instead of to their own address.
    """
    address = not_me_address(user.id, by=by, email=email)
    not_you = _("Was this not you? This link locks your account and ends all your sessions:")
    return send_message(
        recipient_of(user, email=email),
        lambda: replace(build(), not_you=not_you, not_you_address=address),
        by=by,
    )


def event_facts(by: Actor, *, at: datetime | None = None) -> list[tuple[str, str]]:
    """Return when (`at`, by default now) and from where a change was made, in the reader's language and time zone."""
    moment = f"{format_datetime(at or now())} ({viewer_timezone().key})"
    return [(_("Time"), moment), *([(_("IP address"), by.address)] if by.address else [])]


def change_facts(user: User, by: Actor) -> list[tuple[str, str]]:
    """Return who changed something of the person, if another did, and when. Only to people themselves: from where."""
    if by.id == user.id:
        return event_facts(by)
    return [(_("Changed by"), by.label), *event_facts(replace(by, address=""))]


def notify_of_new_email(user: User, old: str, *, by: Actor) -> None:
    """Mail a notice to the old address of the person, if they have another one now and can sign in."""
    if user.password_hash is None or caseless_key(user.email) == caseless_key(old):
        return
    new = user.email

    def build() -> Message:
        return Message(
            subject=_("Rollcall: your e-mail address was changed"),
            paragraphs=[_("From now on, Rollcall sends its e-mails to %(email)s and no longer here.", email=new)],
            facts=change_facts(user, by),
        )

    send_notice(user, build, by=by, email=old)
