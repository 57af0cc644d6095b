"""Sends events to the target, and returns when it has them.

The target answers HTTPS with a status of 2xx. Syslog has no answers: the sender ends the TLS connection, and the
receiver confirms this when it has read everything (RFC 5425, 4.4). An end without this confirmation does not count.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.event_stream.push.addresses import Target
from webapp.event_stream.push.messages import to_json_lines, to_syslog
from webapp.outgoing.clients import open_async_client
from webapp.outgoing.resolving import resolve

STEP_SECONDS = 5.0
# For connecting, sending and the answer together. A lease is longer.
TOTAL_SECONDS = 20.0
JSON_LINES = "application/x-ndjson"


class NotReceived(Exception):
    """The target has not received the events, or maybe only some of them. The message says why."""


def deliver(target: Target, events: Sequence[dict[str, Any]]) -> None:
    """Send events in order. Raise NotReceived."""
    try:
        if target.is_syslog:
            _send_syslog(target, events)
        else:
            status = asyncio.run(_send_https(target, events))
            if not httpx.codes.is_success(status):
                raise NotReceived(f"The target answered {status}")
    except TimeoutError:
        raise NotReceived("The target did not answer in time") from None
    except (OSError, httpx.HTTPError, Refused) as error:
        raise NotReceived(str(error) or type(error).__name__) from error


async def _send_https(target: Target, events: Sequence[dict[str, Any]]) -> int:
    """Return the status of the answer. Redirects are not followed, and its body is not read."""
    headers = {"Content-Type": JSON_LINES}
    if target.authorization:
        headers["Authorization"] = target.authorization
    allowed = current_settings().outgoing_networks
    async with asyncio.timeout(TOTAL_SECONDS), open_async_client(allowed, timeout=STEP_SECONDS) as client:
        request = client.stream("POST", target.address, headers=headers, content=to_json_lines(events))
        async with request as response:
            return response.status_code


def _send_syslog(target: Target, events: Sequence[dict[str, Any]]) -> None:
    base_url = current_settings().base_url
    frames = b"".join(to_syslog(event, base_url=base_url) for event in events)
    # Made at each connection, so that a renewed SSL_CERT_FILE counts.
    context = ssl.create_default_context()
    with (
        _connect(target) as plain,
        context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False) as tls,
        _limited(tls),
    ):
        tls.do_handshake()
        tls.sendall(frames)
        try:
            tls.unwrap()
        except ssl.SSLEOFError:
            raise NotReceived("The target closed the connection without confirming (RFC 5425, 4.4)") from None


def _connect(target: Target) -> socket.socket:
    """Connect to the first address of the host that answers."""
    addresses = resolve(target.host, target.port, current_settings().outgoing_networks)
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, target.port), timeout=STEP_SECONDS)
    return socket.create_connection((addresses[-1], target.port), timeout=STEP_SECONDS)


@contextmanager
def _limited(connection: socket.socket) -> Iterator[None]:
    """End the connection after TOTAL_SECONDS. Timeouts of a socket limit only each step."""
    timer = threading.Timer(TOTAL_SECONDS, _abort, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _abort(connection: socket.socket) -> None:
    with suppress(OSError):
        # Not that of SSLSocket, which another thread must not call.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
