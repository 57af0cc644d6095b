"""HTTP clients for addresses that people entered: they connect to checked IP addresses and follow no redirects.

The host name still stands in the header `Host`, and the certificate is verified for it. Connections are kept by host
name, so none is used for another host of the same IP address. Proxies of the environment are not used: they would
resolve the name again.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import httpcore
import httpx

from webapp.outgoing.networks import Network
from webapp.outgoing.resolving import RESOLVERS, UNRESOLVED, resolve

CONNECT_SECONDS = 5.0


def open_async_client(
    allowed: Sequence[Network], *, timeout: float, ssl_context: ssl.SSLContext | None = None, connections: int = 10
) -> httpx.AsyncClient:
    """Return a client with at most `connections`.

    `timeout`: seconds for connecting and for each read and write, so bound the total yourself. A request raises
    httpx.TransportError if it fails, webapp.core.errors.Invalid if its address is refused.
    """
    pool = httpcore.AsyncConnectionPool(
        ssl_context=ssl_context or ssl.create_default_context(),
        network_backend=_AsyncBackend(allowed),
        max_connections=connections,
        keepalive_expiry=30,
    )
    return httpx.AsyncClient(transport=_AsyncTransport(pool), timeout=timeout, trust_env=False)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._inner: Any = httpcore.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> Any:
        seconds = options.pop("timeout", None) or CONNECT_SECONDS
        until = time.monotonic() + seconds
        with _network_errors():
            found = asyncio.get_running_loop().run_in_executor(RESOLVERS, resolve, host, port, self._allowed)
            addresses = await asyncio.wait_for(found, seconds)
        failure: Exception = httpcore.ConnectError(host)
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, *args, timeout=_rest(until), **options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def _rest(until: float) -> float:
    return max(0.1, until - time.monotonic())


@contextmanager
def _network_errors() -> Iterator[None]:
    """Raise what failing to resolve a name raises in httpcore."""
    try:
        yield
    except TimeoutError:
        raise httpcore.ConnectTimeout(f"{UNRESOLVED} in time") from None
    except OSError as error:
        raise httpcore.ConnectError(f"{UNRESOLVED}: {error.strerror or error}") from None


class _AsyncTransport(httpx.AsyncBaseTransport):
    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with _httpx_errors():
            answer = await self._pool.handle_async_request(_core_request(request))
        stream = _AsyncStream(answer.stream, cast(Callable[[], Awaitable[None]], answer.aclose))
        return httpx.Response(answer.status, headers=answer.headers, stream=stream, extensions=answer.extensions)

    async def aclose(self) -> None:
        await self._pool.aclose()


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, stream: Any, close: Callable[[], Awaitable[None]]) -> None:
        self._stream = stream
        self._close = close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        await self._close()


def _core_request(request: httpx.Request) -> httpcore.Request:
    url = request.url
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    return httpcore.Request(
        request.method, target, headers=request.headers.raw, content=request.stream, extensions=request.extensions
    )


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """Raise httpx's exceptions instead of httpcore's, which have the same names."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.TimeoutException(str(error) or type(error).__name__) from error
    except httpcore.NetworkError as error:
        raise httpx.NetworkError(str(error) or type(error).__name__) from error
    except httpcore.ProtocolError as error:
        raise httpx.ProtocolError(str(error) or type(error).__name__) from error
