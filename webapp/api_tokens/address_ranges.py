"""Networks from which a token works, in CIDR notation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from webapp.api_tokens.models import RANGES_MAX
from webapp.core.errors import Invalid
from webapp.core.texts import _

Network = IPv4Network | IPv6Network


def parse_ranges(texts: Iterable[str]) -> list[str] | None:
    """Return the networks, each once and in its shortest form. None if there are none. Raise Invalid."""
    words = [word for text in texts for word in text.replace(",", " ").split()]
    found = list(dict.fromkeys(str(_parsed(word)) for word in words))
    if len(found) > RANGES_MAX:
        raise Invalid(_("Enter at most %(max)s address ranges", max=RANGES_MAX), field="addresses", code="too_many")
    return found or None


def is_in_ranges(address: str, ranges: Sequence[str] | None) -> bool:
    if ranges is None:
        return True
    try:
        ip = _unmapped(ip_address(address))
    except ValueError:
        return False
    return any(ip in ip_network(each) for each in ranges)


def covers(outer: Sequence[str] | None, inner: Sequence[str] | None) -> bool:
    """Whether each address of `inner` is in `outer`. None means all addresses."""
    if outer is None or inner is None:
        return outer is None
    networks = [ip_network(each) for each in outer]
    return all(any(_is_part(ip_network(each), network) for network in networks) for each in inner)


def _is_part(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def _parsed(word: str) -> Network:
    try:
        # ASCII only: Python takes the digits of all scripts.
        return ip_network(word if word.isascii() and "%" not in word else "", strict=False)
    except ValueError:
        message = _("Enter address ranges like 192.0.2.0/24 or 2001:db8::/32, one a line")
        raise Invalid(message, field="addresses", code="not_a_range") from None


def _unmapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that a server with an IPv6 socket shows as ::ffff:192.0.2.1."""
    return getattr(ip, "ipv4_mapped", None) or ip
