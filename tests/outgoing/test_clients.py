"""HTTP clients connect to the address that was checked, follow no redirects and use no proxy."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from webapp.core.errors import Invalid
from webapp.outgoing.clients import open_async_client
from webapp.outgoing.networks import Network
from webapp.outgoing.resolving import refuse_internal

LOOPBACK: list[Network] = [ip_network("127.0.0.0/8")]


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(self.headers["Host"])))
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Host name → the addresses of each next answer of the name server."""
    answers: dict[str, list[list[str]]] = {}
    resolve = socket.getaddrinfo

    def answer(host: Any, *args: Any, **options: Any) -> Any:
        if host not in answers:
            return resolve(host, *args, **options)
        if not answers[host]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, args[0])) for ip in answers[host].pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return answers


def get(url: str, allowed: list[Network]) -> httpx.Response:
    async def fetch() -> httpx.Response:
        async with open_async_client(allowed, timeout=60) as client:
            return await client.get(url)

    return asyncio.run(fetch())


def test_the_host_name_is_kept(port: int, names: dict[str, list[list[str]]]) -> None:
    # The second address answers. A second question to the name server would get another answer.
    names["hook.example"] = [["127.0.0.2", "127.0.0.1"], ["10.0.0.1"]]
    response = get(f"http://hook.example:{port}/", LOOPBACK)
    assert (response.status_code, response.text) == (200, f"hook.example:{port}")


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"]])
def test_a_host_that_leads_inside_is_refused(
    port: int, names: dict[str, list[list[str]]], addresses: list[str]
) -> None:
    names["hook.example"] = [addresses, addresses]
    with pytest.raises(Invalid) as refusal:
        get(f"http://hook.example:{port}/", [])
    assert refusal.value.problems[0].code == "internal_address"
    with pytest.raises(Invalid):
        refuse_internal("hook.example", [])


def test_redirects_and_proxies_are_not_followed(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert get(f"http://127.0.0.1:{port}/moved", LOOPBACK).status_code == 302


def test_failures_are_transport_errors(names: dict[str, list[list[str]]]) -> None:
    names["unknown.example"] = [[]]
    for url in ("http://127.0.0.1:1/", "http://unknown.example/"):
        with pytest.raises(httpx.TransportError):
            get(url, LOOPBACK)


def test_an_unknown_host_can_be_entered(names: dict[str, list[list[str]]]) -> None:
    names["later.example"] = []
    refuse_internal("later.example", [])
