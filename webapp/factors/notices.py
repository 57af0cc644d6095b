"""E-mails that tell people about each change of their factors."""

from __future__ import annotations

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.formats import format_datetime, viewer_timezone
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.mail.messages import Message, Recipient
from webapp.mail.services import send_message
from webapp.one_time_tokens.not_me import not_me_address
from webapp.users.models import User


def notify(user: User, *, subject: str, text: str, by: Actor) -> None:
    """Tell the person that their factors changed, in the caller's transaction."""
    moment = now()
    own = by.id == user.id

    def build() -> Message:
        who = [] if own else [(str(_("Changed by")), by.label)]
        where = [(str(_("IP address")), by.address)] if own and by.address else []
        return Message(
            subject=subject,
            paragraphs=[text],
            facts=[(str(_("Time")), f"{format_datetime(moment)} ({viewer_timezone().key})"), *who, *where],
            button=_("See your sign-in methods"),
            address=f"{current_settings().base_url}/account/factors",
            not_you=_("If you do not expect this, lock your account. A password reset unlocks it."),
            not_you_address=not_me_address(user.id, by=by),
        )

    send_message(Recipient(user.email, user.name, user.locale, user.timezone), build, by=by)
