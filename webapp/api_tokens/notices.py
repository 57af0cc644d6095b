"""The e-mail before a token expires."""

from __future__ import annotations

from webapp.api_tokens.models import ApiToken
from webapp.core.context import current_settings
from webapp.core.formats import format_datetime, viewer_timezone
from webapp.core.permissions import Actor
from webapp.core.texts import _, ngettext
from webapp.mail.messages import Message
from webapp.mail.services import send_message
from webapp.users.notices import recipient_of


def send_expiry_notice(token: ApiToken, *, days: int, by: Actor) -> None:
    """Tell the owner, in the caller's transaction, that the token expires within `days` days."""
    name, prefix, expires_at = token.name, token.prefix, token.expires_at

    def build() -> Message:
        within = ngettext("in %(count)s day", "in %(count)s days", days, count=days)
        begins = [(_("Begins with"), prefix)] if prefix else []
        return Message(
            subject=_("API token “%(name)s” expires %(within)s", name=name, within=within),
            paragraphs=[
                _("Your API token “%(name)s” expires soon. Programs that use it then lose access.", name=name),
                _("Rotate it to get a new token. The old one works for some more hours, so that you can replace it."),
            ],
            facts=[*begins, (_("Expires"), f"{format_datetime(expires_at)} ({viewer_timezone().key})")],
            button=_("See your API tokens"),
            address=f"{current_settings().base_url}/account/tokens",
        )

    send_message(recipient_of(token.user), build, by=by)
