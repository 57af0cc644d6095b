"""In production, lines are JSON. What gunicorn itself logs has the same format, and nothing of a request."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.processes import wait_until
from tests.server import Server, running_server

SECRET = "canary-token"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server"), APP_ENV="production") as server:
        yield server


def test_log_lines_are_json_in_production_with_the_request_id(server: Server) -> None:
    answer = urllib.request.urlopen(server.address + "/login")
    wait_until(lambda: '"/login"' in server.output_text, what="the line of the request")
    lines = [json.loads(line) for line in server.output_text.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["event"] == "request" and line["path"] == "/login"]
    assert (line["status"], line["request_id"]) == (200, answer.headers["X-Request-ID"])


def test_lines_of_gunicorn_are_json_without_the_request(server: Server) -> None:
    send(server, f"GET /setup?token={SECRET} HTTP/9.9\r\n\r\n")
    send(server, f"GET /login HTTP/1.1\r\nHost: x\r\nAuthorization {SECRET}: x\r\n\r\n")
    kill_worker(server)
    wait_until(
        lambda: "SIGKILL" in server.output_text and server.output_text.count("Invalid request") == 2,
        what="gunicorn logs both requests and the worker",
        seen=lambda: server.output_text,
    )
    output = server.output_text
    lines = [json.loads(line) for line in output.splitlines() if "Invalid request" in line or "SIGKILL" in line]
    assert [(line["logger"], bool(line["timestamp"])) for line in lines] == [("gunicorn.error", True)] * 3
    assert SECRET not in output


def send(server: Server, request: str) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(server.address).port), timeout=60) as connection:
        connection.sendall(request.encode())
        assert b" 400 " in connection.recv(65536)


def kill_worker(server: Server) -> None:
    """Kill the process that answers requests: a child of a child of the supervisor."""
    children = {pid: parent_of(pid) for pid in server.process.family()}
    masters = {pid for pid, parent in children.items() if parent == server.process.pid}
    workers = [pid for pid, parent in children.items() if parent in masters]
    os.kill(workers[0], signal.SIGKILL)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
