"""What an e-mail says: a message in the reader's language, rendered as text and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.core.context import current_registry
from webapp.core.formats import format_datetime, viewer_timezone
from webapp.core.texts import _
from webapp.mail.queries import Letterhead


@dataclass(frozen=True)
class Recipient:
    """The person who gets an e-mail. Empty `locale` and `timezone`: English and UTC."""

    email: str
    name: str
    locale: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """The contents of an e-mail. `subject` says who and what.

    `button` is the text of the only button and `address` its link, which also stands in full. `expires_at` is when the
    link stops working. `not_you` says what to do if the reader did not expect the e-mail; `not_you_address` is the link
    of that sentence.
    """

    subject: str
    paragraphs: Sequence[str]
    button: str = ""
    address: str = ""
    expires_at: datetime | None = None
    not_you: str = ""
    not_you_address: str = ""
    facts: Sequence[tuple[str, str]] = field(default=())


class MailRenderer:
    """Renders the HTML of e-mails. `registration` sets `render_html` to a function of the template's values."""

    render_html: Callable[..., str]


def render_message(message: Message, recipient: Recipient, letterhead: Letterhead) -> tuple[str, str]:
    """Return the text and the HTML of a message, in the current language and time zone."""
    values: dict[str, Any] = {
        "message": message,
        "greeting": _("Hello %(name)s,", name=recipient.name) if recipient.name else _("Hello,"),
        "expiry": _expiry(message.expires_at) if message.expires_at else "",
        "letterhead": letterhead,
    }
    return _text(**values), current_registry().get(MailRenderer).render_html(**values)


def _expiry(moment: datetime) -> str:
    return str(
        _("This link works until %(time)s (%(zone)s).", time=format_datetime(moment), zone=viewer_timezone().key)
    )


def _text(*, message: Message, greeting: str, expiry: str, letterhead: Letterhead) -> str:
    blocks: list[str] = [str(greeting), *map(str, message.paragraphs)]
    blocks += ["\n".join(f"{label}: {value}" for label, value in message.facts)]
    blocks += [f"{message.button}:\n{message.address}" if message.address else "", expiry]
    blocks += [f"{message.not_you}\n{message.not_you_address}".strip()]
    if letterhead.support_contact:
        blocks.append(str(_("Questions? %(contact)s", contact=letterhead.support_contact)))
    blocks.append(f"-- \n{letterhead.signature or letterhead.name or 'Rollcall'}")
    return "\n\n".join(block for block in blocks if block) + "\n"
