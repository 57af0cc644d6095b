"""A server on this machine that answers with a file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Server:
    """The answer to each request. `length` None: the header says the real length; "": there is none."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    length: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            self.send_response(server.status)
            length = str(len(server.body)) if server.length is None else server.length
            for name, value in ({"Content-Length": length} if length else {}).items() | server.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(server.body)

        def log_message(self, *_args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    server.url = f"http://127.0.0.1:{http.server_port}/hr/people.csv"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
