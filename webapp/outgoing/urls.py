"""Checks addresses of other servers that people entered, and gives each its one spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit, urlunsplit

import idna

from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.outgoing.resolving import refuse_internal

URL_MAX = 1000
HOST_MAX = 253
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
# Systems take hosts that end like this as IPv4 addresses: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
# Programs disagree on what these mean in an address.
_AMBIGUOUS = re.compile(r"[\s\\<>\"^`{|}]")
# RFC 3986: everything else in a path or query is percent-encoded.
_KEPT = "!$&'()*+,;=:@/?%-._~"


def checked_url(text: str, *, resolve: bool = True) -> str:
    """Return the URL of the field `url` like `clean_url`. Raise Invalid also if it leads into an internal network now.

    Without `resolve`, the name is not looked up. In any case, clients check each connection.
    """
    networks = current_settings().outgoing_networks
    # Without TLS only to servers in networks that the operator knows.
    url = clean_url(text, field="url", schemes=("https", "http") if networks else ("https",))
    if resolve:
        refuse_internal(str(urlsplit(url).hostname), networks)
    return url


def origin_of(url: str) -> str:
    """Return scheme, host and port. A secret for one origin must not be sent to another."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def clean_url(text: str, *, field: str, schemes: Sequence[str] = ("https", "http")) -> str:
    """Return the URL in ASCII, its host in lower case. Raise Invalid if programs could read it in two ways."""
    text = clean_text(text, field=field)
    if len(text) > URL_MAX:
        raise Invalid(_("Use at most %(max)s characters", max=URL_MAX), field=field, code="length")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in schemes or not parts.hostname or port == 0 or _AMBIGUOUS.search(text):
        message = _("Enter an address like %(example)s", example=f"{schemes[0]}://example.org/path")
        raise Invalid(message, field=field, code="not_a_url")
    if "@" in parts.netloc:
        raise Invalid(_("Remove the username and password from the address"), field=field, code="user_info")
    if "#" in text:
        raise Invalid(_("Remove the part from # on"), field=field, code="fragment")
    host = clean_host(parts.hostname, field=field)
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return urlunsplit((parts.scheme, netloc, quote(parts.path, safe=_KEPT) or "/", quote(parts.query, safe=_KEPT), ""))


def clean_host(text: str, *, field: str) -> str:
    """Return the host name in ASCII and lower case, or the IP address in its usual form. Raise Invalid."""
    try:
        host = _parse_host(text)
    except ValueError:
        host = ""
    if len(host) > HOST_MAX or not (":" in host or all(map(_LABEL.fullmatch, host.split(".")))):
        raise Invalid(_("Enter a host name or an IP address in its usual form"), field=field, code="not_a_host")
    return host


def _parse_host(text: str) -> str:
    if ":" in text:
        # Without a zone: it would choose a network interface of this machine.
        return str(IPv6Address("" if "%" in text else text))
    host = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
    host = host.removesuffix(".")
    return str(IPv4Address(host)) if _NUMBER.fullmatch(host.rpartition(".")[2]) else host
