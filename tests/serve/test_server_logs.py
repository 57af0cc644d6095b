"""What gunicorn itself logs has the format of all other lines, and contains nothing of a request."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.processes import wait_until
from tests.server import Server, running_server

SECRET = "canary-token"


def test_lines_of_gunicorn_are_json_without_the_request(tmp_path: Path) -> None:
    with running_server(tmp_path, LOG_FORMAT="json") as server:
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
