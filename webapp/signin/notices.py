"""The e-mail about a sign-in from a new device."""

from __future__ import annotations

from webapp.core.context import current_settings
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.mail.messages import Message
from webapp.signin.devices import describe_device
from webapp.users.models import User
from webapp.users.notices import event_facts, send_notice


def send_new_device_notice(user: User, *, agent: str, by: Actor) -> None:
    """Tell the person about a sign-in from a device that they had not used before, in the caller's transaction."""

    def build() -> Message:
        device = describe_device(agent)
        return Message(
            subject=_("Rollcall: sign-in from a new device (%(device)s)", device=device),
            paragraphs=[_("Someone signed in to your account from a device that you had not used before.")],
            facts=[(_("Device"), device), *event_facts(by)],
            button=_("See your sessions"),
            address=f"{current_settings().base_url}/account/sessions",
        )

    send_notice(user, build, by=by)
