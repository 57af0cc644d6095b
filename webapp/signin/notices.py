"""The e-mail about a sign-in from a new device."""

from __future__ import annotations

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.formats import format_datetime, viewer_timezone
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.mail.messages import Message, Recipient
from webapp.mail.services import send_message
from webapp.one_time_tokens.not_me import not_me_address
from webapp.signin.devices import describe_device
from webapp.users.models import User


def send_new_device_notice(user: User, *, agent: str, by: Actor) -> None:
    """Tell the person about a sign-in from a device that they had not used before, in the caller's transaction."""
    moment = now()

    def build() -> Message:
        device = describe_device(agent)
        return Message(
            subject=_("Rollcall: sign-in from a new device (%(device)s)", device=device),
            paragraphs=[_("Someone signed in to your account from a device that you had not used before.")],
            facts=[
                (str(_("Device")), device),
                (str(_("IP address")), by.address),
                (str(_("Time")), f"{format_datetime(moment)} ({viewer_timezone().key})"),
            ],
            button=_("See your sessions"),
            address=f"{current_settings().base_url}/account/sessions",
            not_you=_("If this was not you, lock your account. A password reset unlocks it."),
            not_you_address=not_me_address(user.id, by=by),
        )

    send_message(Recipient(user.email, user.name, user.locale, user.timezone), build, by=by)
