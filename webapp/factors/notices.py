"""E-mails that tell people about each change of their factors."""

from __future__ import annotations

from webapp.core.context import current_settings
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.mail.messages import Message
from webapp.users.models import User
from webapp.users.notices import change_facts, send_notice


def notify(user: User, *, subject: str, text: str, by: Actor) -> None:
    """Tell the person that their factors changed, in the caller's transaction."""

    def build() -> Message:
        return Message(
            subject=subject,
            paragraphs=[text],
            facts=change_facts(user, by),
            button=_("See your sign-in methods"),
            address=f"{current_settings().base_url}/account/factors",
        )

    send_notice(user, build, by=by)
