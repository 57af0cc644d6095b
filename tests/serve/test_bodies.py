"""Request bodies, sent to a real gunicorn."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text

from tests.server import Server

USER = {"email": "anton@example.com", "name": "Антон"}
MEGABYTE = 1024 * 1024


def posted(server: Server, token: str, body: object, *, chunked: bool) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with connected(server) as connection:
        connection.request("POST", "/api/v1/users", body=body, headers=headers, encode_chunked=chunked)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def connected(server: Server) -> contextlib.closing[http.client.HTTPConnection]:
    return contextlib.closing(http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60))


def chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


def people(server: Server) -> int:
    engine = create_engine(f"sqlite:///{server.folder}/rollcall.db")
    with engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM users")).scalar()
    engine.dispose()
    return count


def test_a_chunked_body_is_read_whole(server: Server, token: str) -> None:
    long_name = USER | {"name": "x" * 200, "email": "chunked@example.com"}
    status, answer = posted(server, token, chunks(json.dumps(long_name).encode()), chunked=True)
    assert (status, answer["name"]) == (201, "x" * 200)


@pytest.mark.parametrize("chunked", [True, False])
def test_more_than_a_megabyte_is_413_and_leaves_no_trace(server: Server, token: str, chunked: bool) -> None:
    before = people(server)
    data = json.dumps(USER | {"name": "x" * (MEGABYTE + 10_000)}).encode()
    status, _answer = posted(server, token, chunks(data) if chunked else data, chunked=chunked)
    assert status == 413
    assert people(server) == before


def test_a_chunked_body_is_not_truncated_to_the_limit(server: Server, token: str) -> None:
    before = people(server)
    data = json.dumps(USER).encode() + b" " * (MEGABYTE + 10_000)
    status, _answer = posted(server, token, chunks(data), chunked=True)
    assert status == 413
    assert people(server) == before


def test_a_body_shorter_than_its_content_length_is_refused(server: Server, token: str) -> None:
    before = people(server)
    with connected(server) as connection:
        connection.putrequest("POST", "/api/v1/users")
        connection.putheader("Authorization", f"Bearer {token}")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "5000")
        connection.endheaders(json.dumps(USER).encode())
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.getresponse().status == 400
    assert people(server) == before


MALFORMED = (
    b"zz\r\n{}\r\n0\r\n\r\n",
    b"-5\r\n{}\r\n",
    b"2\r\n{}x\r\n0\r\n\r\n",
    b"2;=\r\n{}\r\n0\r\n\r\n",
    b"ff\r\n{}",
)


@pytest.mark.parametrize("chunk", MALFORMED)
@pytest.mark.parametrize("path", ["/api/v1/users", "/login"])
def test_a_malformed_chunked_body_is_400_and_leaves_no_trace(
    server: Server, token: str, chunk: bytes, path: str
) -> None:
    before = people(server)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    # What follows a malformed body must not be read as another request.
    answers = raw(server, head.encode() + chunk + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1
    assert people(server) == before
    assert "Traceback" not in server.output_text


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_request_without_host_is_400(server: Server, version: str) -> None:
    assert raw(server, f"GET /login HTTP/{version}\r\n\r\n".encode()).split()[1] == b"400"


def raw(server: Server, request: bytes) -> bytes:
    """Send bytes, and return everything that the server answers until it closes the connection."""
    with socket.create_connection(("127.0.0.1", urlsplit(server.address).port), timeout=60) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while received := connection.recv(65536):
            answer += received
        return answer
