"""Distinguishes addresses of the Internet from internal ones (IANA's registries of special-purpose addresses)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Python's `is_global` differs between versions, so the networks are listed.
_INTERNAL = [
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        # Among them Teredo and 6to4, which hold IPv4 addresses.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
]  # fmt: skip
# IANA assigns global unicast addresses from this block only.
_GLOBAL_V6 = IPv6Network("2000::/3")
# A gateway translates these addresses to the IPv4 address in their last 32 bits (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


def may_connect(address: str, allowed: Sequence[Network]) -> bool:
    """Whether `address` is an address of the Internet, or in an allowed network."""
    try:
        ip = _embedded(ip_address(address))
    except ValueError:
        return False
    return any(ip in network for network in allowed) or _is_global(ip)


def _is_global(ip: Address) -> bool:
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_V6:
        return False
    return not any(ip in network for network in _INTERNAL)


def _embedded(ip: Address) -> Address:
    """Return the IPv4 address that a mapped or translated IPv6 address leads to."""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
