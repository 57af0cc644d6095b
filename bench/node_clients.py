"""Nodes of Rollcall, and clients that create people by API until each is acknowledged."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bench.servers import Client
from tests.processes import Program, wait_until
from tests.server import free_port

THREADS = 4
TIMEOUT = 10.0


class Node:
    """gunicorn and a worker, as `make run` starts them."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        self.environment = environment | {"BIND": f"127.0.0.1:{self.port}"}
        self.output = folder / f"node-{self.port}.txt"
        self.start()
        wait_until(self.is_ready, what="a node is ready", seen=lambda: self.output.read_text()[-2000:])

    def start(self) -> None:
        command = [sys.executable, "-m", "webapp.serve"]
        self.process = Program(command, output=self.output, env=os.environ | self.environment)

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return Client(f"127.0.0.1:{self.port}").get("/readyz").status == 200
        return False


@dataclass
class Clients:
    """Threads that create `count` people in all. `moments`: when each was acknowledged."""

    nodes: Sequence[Node]
    token: str
    count: int
    moments: list[float] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    repeated: int = 0

    def run(self, number: int) -> None:
        for each in range(number, self.count, THREADS):
            self._create(f"person-{each}@example.com", number)

    def _create(self, email: str, turn: int) -> None:
        key = str(uuid.uuid4())
        while self._send(email, key, self.nodes[turn % len(self.nodes)].port) != 201:
            turn += 1
            self.repeated += 1
            time.sleep(0.05)
        self.moments.append(time.monotonic())
        self.emails.append(email)

    def _send(self, email: str, key: str, port: int) -> int:
        body = json.dumps({"email": email, "name": "A Person", "invite": False})
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        with contextlib.suppress(OSError):
            return post(port, body, headers)
        return 0

    @property
    def longest_gap(self) -> float:
        times = sorted(self.moments)
        return max(after - before for before, after in pairwise(times))


def post(port: int, body: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("POST", "/api/v1/users", body, headers)
        return connection.getresponse().status
    except http.client.HTTPException:
        return 0
    finally:
        connection.close()
