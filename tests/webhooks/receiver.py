"""A receiver of webhooks, in a thread of its own, and what tests do with webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from webapp.web.api import App
from webapp.webhooks.sender import Sender


@dataclass
class Receiver:
    """`statuses` are the next answers; after them 200. `silent`: paths that never answer. `retry_after`: the header."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    retry_after: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _path, _headers, body in self.requests]

    @property
    def types(self) -> list[str]:
        return [body["type"] for body in self.bodies]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if self.path in receiver.silent:
                receiver.ended.wait(30)
                return
            answer = b"thanks \x00\xff" + b"x" * 5000
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("Location", "/elsewhere")
            if receiver.retry_after:
                self.send_header("Retry-After", receiver.retry_after)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

    # More than 20 connections at once.
    ThreadingHTTPServer.request_queue_size = 100
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()


def send_due(app: App) -> None:
    """Send everything that is due, as the worker does."""
    Sender(app, stopping=threading.Event()).run(until_idle=True)


def later(monkeypatch: pytest.MonkeyPatch, moment: Any) -> None:
    modules = ("deliveries", "dispatch", "endpoint_queue", "failures", "lease", "models", "services", "signing")
    for module in modules:
        monkeypatch.setattr(f"webapp.webhooks.{module}.now", lambda: moment, raising=False)
