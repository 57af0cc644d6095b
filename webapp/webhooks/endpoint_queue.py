"""What is being sent to one endpoint."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Self
from uuid import UUID

import httpx
from standardwebhooks import Webhook
from werkzeug.http import parse_date

from webapp.core.clock import now
from webapp.core.errors import Refused
from webapp.core.sealing import NotReadable
from webapp.outgoing.clients import open_async_client
from webapp.outgoing.networks import Network
from webapp.webhooks.attempts import Attempt
from webapp.webhooks.dispatch import DueDelivery
from webapp.webhooks.models import ANSWER_MAX, ERROR_MAX, Endpoint
from webapp.webhooks.signing import message_id, secrets_of, signed_headers

# Concurrent requests to an endpoint. One that fails gets fewer, until it answers again.
CONCURRENCY = 20
CONCURRENCY_FAILING = 2
# Deliveries that are read ahead.
PREFETCH = 100
# From the start of a request to the end of its answer.
ANSWER_SECONDS = 10.0
# Bytes of an answer that are read.
ANSWER_BYTES = 4 * ANSWER_MAX
# Up to 30 years.
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)
_HEADERS = {"user-agent": "Rollcall-Webhooks/1", "accept-encoding": "identity", "accept": "*/*"}


@dataclass(frozen=True)
class Target:
    """An endpoint as the sender needs it. Without signers, its secret cannot be read."""

    id: UUID
    url: str
    networks: Sequence[Network]
    signers: Sequence[Webhook]
    failing: bool

    @classmethod
    def of(cls, endpoint: Endpoint, networks: Sequence[Network]) -> Self:
        try:
            signers = [Webhook(secret) for secret in secrets_of(endpoint)]
        except NotReadable:
            signers = []
        return cls(endpoint.id, endpoint.url, networks, signers, endpoint.failing_since is not None)


class _Answer(NamedTuple):
    """`text` is the beginning of the body."""

    status: int | None = None
    text: str = ""
    retry_after: timedelta = timedelta()


class EndpointQueue:
    """Sends the deliveries that are added, at most `limit` at a time. `ended` is called with each attempt."""

    def __init__(self, target: Target, context: ssl.SSLContext, ended: Callable[[Attempt], None]) -> None:
        self.target = target
        # Whether the database may have deliveries that are due and were not read.
        self.may_have_due = True
        self._ended = ended
        self._waiting: deque[DueDelivery] = deque()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._ssl = context
        # Clients that are not in use, one for each concurrent request: with 20 connections in the pool of one client,
        # httpcore takes three times as long for a request.
        self._clients: list[httpx.AsyncClient] = []

    @property
    def limit(self) -> int:
        return CONCURRENCY_FAILING if self.target.failing else CONCURRENCY

    @property
    def room(self) -> int:
        """How many deliveries to add. 0 while there are enough."""
        ahead = self.limit if self.target.failing else PREFETCH
        return ahead if len(self._waiting) <= ahead // 2 else 0

    @property
    def taken(self) -> set[int]:
        return {*self._running, *(delivery.seq for delivery in self._waiting)}

    def add(self, deliveries: Sequence[DueDelivery]) -> None:
        self._waiting.extend(deliveries)
        self._start()

    async def close(self, seconds: float = 0) -> None:
        """Send no more. Requests that are running get this time to end."""
        self._waiting.clear()
        tasks = list(self._running.values())
        if tasks and seconds:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients:
            await client.aclose()

    def _start(self) -> None:
        while self._waiting and len(self._running) < self.limit:
            delivery = self._waiting.popleft()
            self._running[delivery.seq] = asyncio.create_task(self._run(delivery))

    async def _run(self, delivery: DueDelivery) -> None:
        client = self._clients.pop() if self._clients else self._open_client()
        try:
            attempt = await self._attempt(delivery, client)
        finally:
            del self._running[delivery.seq]
            self._clients.append(client)
        self._ended(attempt)
        self._start()

    def _open_client(self) -> httpx.AsyncClient:
        client = open_async_client(self.target.networks, timeout=ANSWER_SECONDS, ssl_context=self._ssl, connections=1)
        client.headers = httpx.Headers(_HEADERS)
        return client

    async def _attempt(self, delivery: DueDelivery, client: httpx.AsyncClient) -> Attempt:
        at, began = now(), time.perf_counter()
        answered, error = _Answer(), ""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answered = await self._post(delivery, client)
        except (TimeoutError, httpx.TimeoutException):
            error = "timeout"
        except Refused as refusal:
            error = refusal.problems[0].code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, NotReadable) as failure:
            error = printable(str(failure) or type(failure).__name__)[:ERROR_MAX]
        milliseconds = round((time.perf_counter() - began) * 1000)
        return Attempt(delivery, at, milliseconds, answered.status, answered.text, error, answered.retry_after)

    async def _post(self, delivery: DueDelivery, client: httpx.AsyncClient) -> _Answer:
        if not self.target.signers:
            raise NotReadable("secret_not_readable")
        headers = signed_headers(self.target.signers, id=message_id(delivery.id), body=delivery.body, at=now())
        request = client.build_request("POST", self.target.url, content=delivery.body.encode(), headers=headers)
        response = await client.send(request, stream=True)
        try:
            text = await _beginning(response)
            return _Answer(response.status_code, text, retry_after(response.headers.get("Retry-After", "")))
        finally:
            await response.aclose()


async def _beginning(response: httpx.Response) -> str:
    content = b""
    async for part in response.aiter_raw():
        content += part
        if len(content) >= ANSWER_BYTES:
            break
    return printable(content[:ANSWER_BYTES].decode("utf-8", "replace"))[:ANSWER_MAX]


def retry_after(text: str) -> timedelta:
    """Return the wait that the header `Retry-After` asks for in seconds or as a date (RFC 9110, 10.2.3), or none."""
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=int(text))
    try:
        moment = parse_date(text)
    except OverflowError:
        # A year of many digits.
        moment = None
    return max(timedelta(), moment - now()) if moment else timedelta()


def printable(text: str) -> str:
    """Return the text with U+FFFD for each character that cannot be seen, except spaces and new lines."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
