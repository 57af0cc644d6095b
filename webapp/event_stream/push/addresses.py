"""The address of a target, and the value of its header Authorization."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.event_stream.push.models import AUTHORIZATION_MAX
from webapp.outgoing.resolving import refuse_internal
from webapp.outgoing.urls import clean_url

HTTPS, SYSLOG = "https", "syslog+tls"
# The port of syslog over TLS (RFC 5425, 4.1).
SYSLOG_PORT = 6514


@dataclass(frozen=True)
class Target:
    """Where to send events. `authorization` is "" if there is none."""

    address: str
    authorization: str

    @property
    def is_syslog(self) -> bool:
        return self.address.startswith(f"{SYSLOG}:")

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or (SYSLOG_PORT if self.is_syslog else 443)


def clean_address(text: str) -> str:
    """Return the address in its one spelling. Raise Invalid if it is malformed or inside the own network."""
    address = clean_url(text, field="address", schemes=(HTTPS, SYSLOG))
    parts = urlsplit(address)
    if parts.scheme == SYSLOG:
        if parts.path.strip("/") or parts.query:
            message = _("An address of syslog ends after the host and the port")
            raise Invalid(message, field="address", code="not_a_url")
        address = f"{SYSLOG}://{parts.netloc}"
    try:
        refuse_internal(parts.hostname or "", current_settings().outgoing_networks)
    except Invalid as error:
        raise Invalid(str(error), field="address", code="internal_address") from None
    return address


def clean_authorization(text: str, *, address: str) -> str:
    """Return the value of the header. Raise Invalid."""
    text = clean_text(text, field="authorization")
    if text and address.startswith(SYSLOG):
        message = _("Leave this empty: syslog has no header")
        raise Invalid(message, field="authorization", code="not_https")
    if not text.isascii() or len(text) > AUTHORIZATION_MAX:
        message = _("Use at most %(max)s Latin letters, digits and signs", max=AUTHORIZATION_MAX)
        raise Invalid(message, field="authorization", code="malformed")
    return text
