"""Only addresses of the Internet, and of allowed networks, are reached."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from webapp.outgoing.networks import may_connect

INTERNAL = """
0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.0.1 169.254.169.254 172.31.0.1 192.168.1.1 192.0.0.1 192.0.2.1
198.18.0.1 224.0.0.1 239.255.255.255 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:a00:1 fc00::1 fd12::1
fe80::1 fec0::1 ff02::1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::a00:1 2001::1 2001:db8::1 2002:7f00:1:: 100::1
fe80::1%eth0 nonsense
"""


@pytest.mark.parametrize("address", INTERNAL.split())
def test_an_internal_address_is_refused(address: str) -> None:
    assert not may_connect(address, [])


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_an_address_of_the_internet_is_reached(address: str) -> None:
    assert may_connect(address, [])


def test_a_network_can_be_allowed() -> None:
    allowed = [ip_network("10.1.0.0/16"), ip_network("fd12::/32")]
    assert all(may_connect(address, allowed) for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1"))
    assert not may_connect("10.2.0.1", allowed)
