"""Machines in network namespaces of Linux, each with its own address, on one bridge. They need root."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.jobs.faults.servers import Place

PREFIX = "10.213.61"
NETWORK = f"{PREFIX}.0/24"


class Switch:
    """A bridge in this namespace. This process has the address PREFIX.1."""

    def __init__(self) -> None:
        if os.geteuid() or not shutil.which("ip"):
            sys.exit("This needs root and the command ip, for network namespaces.")
        self.name = f"rc{os.getpid()}"
        self._count = 1

    @contextlib.contextmanager
    def running(self) -> Iterator[Switch]:
        ip("link", "add", self.name, "type", "bridge")
        try:
            ip("address", "add", f"{PREFIX}.1/24", "dev", self.name)
            ip("link", "set", self.name, "up")
            yield self
        finally:
            ip("link", "delete", self.name)

    @contextlib.contextmanager
    def machine(self) -> Iterator[Place]:
        """A namespace with an address, during the block. Its processes must end before the block."""
        self._count += 1
        address, name = f"{PREFIX}.{self._count}", f"{self.name}-{self._count}"
        ip("netns", "add", name)
        try:
            ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", name, "master", self.name, "up")
            ip("-netns", name, "address", "add", f"{address}/24", "dev", "eth0")
            ip("-netns", name, "link", "set", "eth0", "up")
            ip("-netns", name, "link", "set", "lo", "up")
            yield Place(address, ("ip", "netns", "exec", name), NETWORK)
        finally:
            ip("netns", "delete", name)


def cut(place: Place, seconds: float) -> None:
    """Drop all packets of the machine for this time. Its connections stay open."""
    name = place.command[-1]
    ip("link", "set", name, "down")
    time.sleep(seconds)
    ip("link", "set", name, "up")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
