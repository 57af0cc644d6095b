"""Reads a file from an address that a person entered: checked, without redirects, limited in size and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import httpx

from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.feeds.folder import NotReady
from webapp.imports.uploads import too_large
from webapp.outgoing.clients import open_async_client

STEP_SECONDS = 30.0
# From the request to the end of the file.
TOTAL_SECONDS = 600.0
_HEADERS = {"user-agent": "Rollcall-Feeds/1", "accept-encoding": "identity", "accept": "*/*"}
# The server may answer otherwise in some minutes.
_TRANSIENT = frozenset({408, 425, 429})

T = TypeVar("T")


class Download:
    """The body of an answer, read part by part like a file. It is never complete in memory or on the disk."""

    def __init__(self, runner: asyncio.Runner, parts: AsyncIterator[bytes], until: float) -> None:
        self._runner, self._parts, self._until = runner, parts, until
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end. Raise NotReady if the connection fails."""
        if not self._rest:
            self._rest = _run(self._runner, self._next(), self._until)
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    async def _next(self) -> bytes:
        async for part in self._parts:
            if part:
                return part
        return b""


@contextmanager
def open_download(url: str, headers: dict[str, str]) -> Iterator[tuple[Download, str]]:
    """Send the request, and give the body and the name of the file. Raise Refused, NotReady or TooLarge."""
    until = time.monotonic() + TOTAL_SECONDS
    client = open_async_client(current_settings().outgoing_networks, timeout=STEP_SECONDS, connections=1)
    with asyncio.Runner() as runner:
        try:
            request = client.build_request("GET", url, headers=_HEADERS | headers)
            response = _run(runner, client.send(request, stream=True, follow_redirects=False), until)
            try:
                _check_answer(response)
                yield Download(runner, response.aiter_raw(), until), _name_of(url)
            finally:
                runner.run(response.aclose())
        finally:
            runner.run(client.aclose())


def _run(runner: asyncio.Runner, work: Awaitable[T], until: float) -> T:
    async def limited() -> T:
        async with asyncio.timeout(max(0.0, until - time.monotonic())):
            return await work

    try:
        return runner.run(limited())
    except (TimeoutError, httpx.TimeoutException):
        raise NotReady(_("The server did not answer in time")) from None
    except (httpx.HTTPError, OSError) as error:
        raise NotReady(_("No connection: %(reason)s", reason=str(error) or type(error).__name__)) from None


def _check_answer(response: httpx.Response) -> None:
    status = response.status_code
    if status in _TRANSIENT or status >= 500:
        raise NotReady(_("The server answered %(status)s", status=status))
    if response.is_redirect:
        raise Refused(_("The server answered %(status)s. Rollcall follows no redirects.", status=status))
    if status != 200:
        raise Refused(_("The server answered %(status)s", status=status))
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(_("The server sent a compressed file, although Rollcall asked for a plain one"))
    length = response.headers.get("content-length", "")
    if not length and "chunked" not in response.headers.get("transfer-encoding", "").lower():
        # Then nobody could tell a complete file from a lost connection.
        raise Refused(_("The server does not say how long the file is"))
    if length.isdecimal() and int(length) > current_settings().import_mb_max * 1024 * 1024:
        raise too_large()


def _name_of(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2]) or str(urlsplit(url).hostname)
