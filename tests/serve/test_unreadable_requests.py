"""Requests that gunicorn cannot read or that are too long: problems under every address, not HTML."""

from __future__ import annotations

import json

import pytest

from tests.serve.test_bodies import raw
from tests.server import Server


def answer(server: Server, head: bytes) -> tuple[int, str, dict[str, object]]:
    """Return status, content type and body of the answer to a request with these first lines."""
    received, _blank, body = raw(server, head + b"Host: localhost\r\nConnection: close\r\n\r\n").partition(b"\r\n\r\n")
    lines = received.decode().split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines[1:])}
    return int(lines[0].split()[1]), headers["content-type"], json.loads(body)


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (b"GET /api/v1/users?q=" + b"x" * 9000 + b" HTTP/1.1\r\n", 414, "address_too_long"),
        (b"GET /api/v1/users HTTP/1.1\r\nX-Long: " + b"x" * 9000 + b"\r\n", 431, "headers_too_large"),
        (b"GET /api/v1/users HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 101, 431, "headers_too_large"),
        (b"GET /api/v1/users\r\n", 400, "bad_request"),
        (b"GET /api/v1/users HTTP/9.9\r\n", 400, "bad_request"),
        (b"GET /api/v1/users HTTP/1.1\r\nNo colon\r\n", 400, "bad_request"),
        (b"GET /api/v1/users HTTP/1.1\r\nX-Bad: a\x00b\r\n", 400, "bad_request"),
        ("GET /api/v1/Иванов HTTP/1.1\r\n".encode(), 400, "bad_request"),
        ("GET /api/v1/users?q=Иванов HTTP/1.1\r\n".encode(), 400, "bad_request"),
        (b"GET /api/v1/users/\xff HTTP/1.1\r\n", 400, "bad_request"),
        (b"GET /api/v1/users/%ff%00 HTTP/1.1\r\n", 404, "not_found"),
    ],
)
def test_it_is_answered_with_a_problem(server: Server, head: bytes, status: int, code: str) -> None:
    found, kind, body = answer(server, head)
    assert (found, kind) == (status, "application/problem+json")
    assert (body["status"], body["type"]) == (status, f"/api/docs#problem-{code}")
    assert "Traceback" not in server.output_text
