"""Requests per second of two nodes, compared with one node of as many workers: python -m bench.nodes_throughput.

One node of two gunicorn workers, and two nodes of one worker each, on one PostgreSQL and one Redis, behind one nginx.
Rounds with one and with two nodes alternate. The ratio says what the coordination of nodes costs.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.instances import BENCH, SERVER, Instance, free_port, temporary_instance
from bench.node_clients import post
from bench.servers import Client, rollcall
from bench.timing import processor_seconds
from tests.deploy.servers import NGINX, listening
from tests.jobs.faults.servers import Redis
from tests.processes import Program
from webapp.api_tokens.services import create_token
from webapp.users.queries import get_user_by_identifier

LIMIT = 0.95
CLIENTS = 6
# Of ten requests, one creates a person.
CREATE_EVERY = 10
CONFIGURATION = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    {servers}
}}
"""
UPSTREAM = """
    upstream nodes{port} {{ {members} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://nodes{port}; proxy_set_header Host $http_host; }}
    }}
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.nodes_throughput")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=9, help="rounds with one node, and with two")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    args = parser.parse_args()
    with temporary_instance("postgresql", args.users, server=args.server) as instance, instance.app.app_context():
        token = create_token(get_user_by_identifier(instance.owner.email), name="bench", by=BENCH).secret
        with arms(instance) as (one, two):
            # The first round warms caches.
            for number in range(args.rounds + 1):
                for arm in (one, two):
                    arm.measure(token, args.seconds, counts=number > 0)
    print("| | requests/s | processor ms a request |\n|---|---:|---:|")
    for name, arm in (("one node of 2 workers", one), ("two nodes of 1 worker", two)):
        print(f"| {name} | {statistics.median(arm.rates):.1f} | {statistics.median(arm.costs) * 1000:.2f} |")
    ratio = statistics.median(after / before for before, after in zip(one.rates, two.rates, strict=True))
    cost = statistics.median(before / after for before, after in zip(one.costs, two.costs, strict=True))
    print(f"| ratio, at least {LIMIT} | {ratio:.2f} | {cost:.2f} |")


@dataclass
class Arm:
    """Some servers behind one address, and clients that are signed in there."""

    bind: str
    processes: list[int]
    visitors: list[Client]
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def measure(self, token: str, seconds: float, *, counts: bool) -> None:
        before, began = sum(map(processor_seconds, self.processes)), time.monotonic()
        with ThreadPoolExecutor(len(self.visitors)) as pool:
            end = began + seconds
            answered = sum(pool.map(lambda visitor: send_until(end, visitor, self.bind, token), self.visitors))
        if counts:
            self.rates.append(answered / (time.monotonic() - began))
            self.costs.append((sum(map(processor_seconds, self.processes)) - before) / answered)


@contextlib.contextmanager
def arms(instance: Instance) -> Iterator[tuple[Arm, Arm]]:
    """Start three servers behind nginx. Yield the one node and the two."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-nodes-")))
        redis = Redis()
        stack.callback(redis.close)
        redis.start()
        redis.wait_until_ready()
        shared = instance.environment | {"REDIS_URL": redis.url(1), "TRUSTED_HOSTS": "127.0.0.1"}
        members, processes = [], []
        for workers in ("2", "1", "1"):
            bind = f"127.0.0.1:{free_port()}"
            server = rollcall(shared | {"BIND": bind, "WEB_CONCURRENCY": workers})
            processes.append(stack.enter_context(server).pid)
            members.append(bind)
        ports = free_port(), free_port()
        servers = "".join(
            UPSTREAM.format(port=port, members=" ".join(f"server {member};" for member in group))
            for port, group in zip(ports, (members[:1], members[1:]), strict=True)
        )
        (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, servers=servers))
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        process = Program(command, output=folder / "output.txt", env=dict(os.environ), cwd=folder)
        stack.enter_context(listening(process, ports[1]))
        yield arm(instance, ports[0], processes[:1]), arm(instance, ports[1], processes[1:])


def arm(instance: Instance, port: int, processes: list[int]) -> Arm:
    visitors = [Client(f"127.0.0.1:{port}") for _client in range(CLIENTS)]
    for visitor in visitors:
        visitor.sign_in(instance.owner.email, instance.owner.password)
    return Arm(f"127.0.0.1:{port}", processes, visitors)


NUMBERS = itertools.count()


def send_until(end: float, visitor: Client, bind: str, token: str) -> int:
    """Return how many requests were answered until then: lists of people, and new people."""
    for answered in itertools.count():
        if time.monotonic() >= end:
            return answered
        number = next(NUMBERS)
        if number % CREATE_EVERY:
            status = visitor.get("/users").status
        else:
            body = json.dumps({"email": f"new-{number}@bench.example", "name": "A Person", "invite": False})
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            status = post(bind, body, headers)
        if status not in {200, 201}:
            raise RuntimeError(f"status {status}")
    return 0


if __name__ == "__main__":
    main()
