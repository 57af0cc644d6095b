"""The e-mails of recovery."""

from __future__ import annotations

from datetime import datetime

from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.mail.messages import Message
from webapp.users.models import User
from webapp.users.notices import event_facts


def reset_message(user: User, address: str, expires_at: datetime, *, by: Actor) -> Message:
    """Return the e-mail with the link for a new password. `by` has an ID if an administrator sent it."""
    said = (
        _("%(name)s asks you to choose a new password for your account %(email)s.", name=by.label, email=user.email)
        if by.id
        else _("Someone asked for a new password for your account %(email)s.", email=user.email)
    )
    return Message(
        subject=_("Rollcall: choose a new password"),
        paragraphs=[said],
        facts=event_facts(by),
        button=_("Choose a new password"),
        address=address,
        expires_at=expires_at,
        not_you=_("If you did not ask for this, do nothing. Your password stays as it is."),
    )
