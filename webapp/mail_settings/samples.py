"""The sample that shows how an e-mail looks."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.texts import _
from webapp.mail.messages import Message


def sample_message() -> Message:
    """Return an e-mail with each part that an e-mail can have."""
    address = current_settings().base_url
    return Message(
        subject=_("Test e-mail from Rollcall"),
        paragraphs=[
            _("This is how e-mails of Rollcall look: what happened, one button, and the link in full."),
            _("If you received it, sending works."),
        ],
        facts=[(_("Sent by"), "Rollcall")],
        button=_("Open Rollcall"),
        address=address,
        expires_at=now() + timedelta(hours=72),
        not_you=_("If you did not expect an e-mail, it says here what to do."),
    )
