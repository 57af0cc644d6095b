"""Resolves host names, and refuses those that lead into an internal network."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.outgoing.networks import Network, may_connect

# Addresses to try, one after the other.
ADDRESSES_MAX = 4
UNRESOLVED = "The host name was not resolved"
# `getaddrinfo` cannot be stopped. These threads wait for name servers that do not answer.
_RESOLVERS_MAX = 32
RESOLVERS = ThreadPoolExecutor(_RESOLVERS_MAX, thread_name_prefix="resolve")


def resolve(host: str, port: int, allowed: Sequence[Network]) -> list[str]:
    """Return the IP addresses of `host`. Connect to these, never to the name, which may lead elsewhere a moment later.

    Raise Invalid if one of them is internal and not allowed, OSError if there are none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(str(error)) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(may_connect(address, allowed) for address in addresses):
        raise Invalid(_("This address is in an internal network"), field="url", code="internal_address")
    return addresses[:ADDRESSES_MAX]


def refuse_internal(host: str, allowed: Sequence[Network], *, seconds: float = 2) -> None:
    """Raise Invalid if `host` leads into an internal network. A host that cannot be resolved now is accepted.

    This check only says early what will be refused. Names change, so clients check at each connection.
    """
    try:
        RESOLVERS.submit(resolve, host, 0, allowed).result(timeout=seconds)
    except OSError:  # TimeoutError is one
        return
