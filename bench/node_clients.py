"""Nodes of Rollcall, and clients that create people by the API until each is acknowledged."""

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
from tests.deploy.servers import Nginx, render_nginx
from tests.jobs.faults.servers import Place
from tests.processes import Program, wait_until

THREADS = 4
TIMEOUT = 10.0
# The port of gunicorn, which only nginx on the same machine uses.
PORT = 8000


class Node:
    """nginx with the shipped configuration, gunicorn and a worker, as `make run` starts them, on a machine."""

    def __init__(self, environment: dict[str, str], folder: Path, place: Place) -> None:
        self.place, self.folder = place, folder
        folder.mkdir()
        self.environment = environment | {"BIND": f"127.0.0.1:{PORT}", "TRUSTED_PROXIES": "127.0.0.1"}
        (folder / "nginx").mkdir()
        self.nginx: Nginx = render_nginx(folder / "nginx", upstream=PORT, address=place.address)
        self.start()
        wait_until(self.is_ready, what="a node is ready", seen=lambda: self.processes[1].output_text[-2000:])

    @property
    def bind(self) -> str:
        return f"{self.place.address}:{self.nginx.port}"

    def start(self) -> None:
        env = os.environ | self.environment
        commands = (self.nginx.command, [sys.executable, "-m", "webapp.serve"])
        self.processes = [
            Program([*self.place.command, *command], output=self.folder / f"{number}.txt", env=env)
            for number, command in enumerate(commands)
        ]

    def kill(self) -> None:
        for process in self.processes:
            process.kill()

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return Client(self.bind).get("/readyz").status == 200
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
        while self._send(email, key, self.nodes[turn % len(self.nodes)].bind) != 201:
            turn += 1
            self.repeated += 1
            time.sleep(0.05)
        self.moments.append(time.monotonic())
        self.emails.append(email)

    def _send(self, email: str, key: str, bind: str) -> int:
        body = json.dumps({"email": email, "name": "A Person", "invite": False})
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        with contextlib.suppress(OSError):
            return post(bind, body, headers)
        return 0

    @property
    def gaps(self) -> list[tuple[float, int]]:
        """Return the gaps between acknowledgements, longest first, each with the number of people before it."""
        times = sorted(self.moments)
        return sorted(((after - before, n) for n, (before, after) in enumerate(pairwise(times), 1)), reverse=True)


def post(bind: str, body: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(bind, timeout=TIMEOUT)
    try:
        connection.request("POST", "/api/v1/users", body, headers)
        return connection.getresponse().status
    except http.client.HTTPException:
        return 0
    finally:
        connection.close()
