"""Two nodes, a primary with a synchronous replica, and Redis, while each of them fails: python -m bench.nodes.

Clients create people by API, each with an Idempotency-Key, and repeat a request at the other node until it is
acknowledged. Meanwhile a node, Redis and the primary are killed with SIGKILL, the replica is promoted, and the new
primary stands still for some seconds, as if the network were cut. Then every acknowledged person must exist once, with
one audit record.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from sqlalchemy import text

from bench.servers import Client
from tests.jobs.faults.servers import Postgresql, Redis
from tests.processes import ROOT, Program, wait_until
from tests.server import SECRET_KEY, free_port
from webapp import create_app
from webapp.audit.verify import verify
from webapp.db.session import db
from webapp.settings import load_settings

THREADS = 4
EMAIL, PASSWORD = "olga@example.com", "перекличка в полдень"
GAP_MAX, FROZEN_SECONDS, TIMEOUT = 5.0, 2.0, 10.0


class Replica(Postgresql):
    """A copy of a running primary that follows it."""

    def __init__(self, primary: Postgresql) -> None:
        super().__init__()
        shutil.rmtree(self.folder / "data")
        self._run("pg_basebackup", "-D", str(self.folder / "data"), "-R", "-X", "stream", "--checkpoint=fast",
                  "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")  # fmt: skip

    def promote(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", "30", "promote")


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.nodes")
    parser.add_argument("--people", type=int, default=2000)
    count = parser.parse_args().people
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-nodes-")))
        primary, replica, redis = start_servers(stack)
        environment = environment_of(primary, replica, redis)
        nodes = [Node(environment, folder) for _number in range(2)]
        for node in nodes:
            stack.callback(node.process.kill)
        browser = Client(f"127.0.0.1:{nodes[0].port}")
        browser.sign_in(EMAIL, PASSWORD)
        clients = Clients(nodes, new_token(environment), count)
        with running(clients):
            break_everything(clients, primary, replica, redis)
        browser.port = nodes[1].port
        report(clients, environment, survives=browser.get("/users").status == 200)
        for node in nodes:
            node.process.kill()


def break_everything(clients: Clients, primary: Postgresql, replica: Replica, redis: Redis) -> None:
    """Each event comes when a share of the people is acknowledged."""
    node = clients.nodes[0]
    at(clients, 0.15, "kill a node", node.process.kill)
    at(clients, 0.30, "start the node again", node.start)
    at(clients, 0.40, "kill Redis", redis.kill)
    at(clients, 0.50, "start Redis again", redis.start)
    at(clients, 0.60, "kill the primary, promote the replica", lambda: fail_over(primary, replica))
    at(clients, 0.80, "the new primary stands still", lambda: freeze(replica))


def fail_over(primary: Postgresql, replica: Replica) -> None:
    for pid in (primary.process.pid, *primary.process.family()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    replica.promote()


def freeze(server: Postgresql) -> None:
    with server.frozen():
        time.sleep(FROZEN_SECONDS)


def at(clients: Clients, share: float, what: str, do: Callable[[], object]) -> None:
    while len(clients.moments) < share * clients.count:
        time.sleep(0.02)
    began = time.monotonic()
    do()
    print(f"after {len(clients.moments):>5} people: {what} ({time.monotonic() - began:.1f} s)", flush=True)


@contextlib.contextmanager
def running(clients: Clients) -> Iterator[None]:
    threads = [threading.Thread(target=clients.run, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(300)


def start_servers(stack: contextlib.ExitStack) -> tuple[Postgresql, Replica, Redis]:
    primary, redis = Postgresql(), Redis()
    for server in (primary, redis):
        stack.callback(server.close)
        server.start()
        server.wait_until_ready()
    primary.sql("CREATE DATABASE rollcall")
    replica = Replica(primary)
    stack.callback(replica.close)
    replica.start()
    replica.wait_until_ready()
    # The replica does not have this setting: after its promotion it waits for no other.
    primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
    return primary, replica, redis


def environment_of(primary: Postgresql, replica: Replica, redis: Redis) -> dict[str, str]:
    hosts = "&".join(f"host=127.0.0.1:{server.port}" for server in (primary, replica))
    return {
        "DATABASE_URL": f"postgresql://postgres@/rollcall?{hosts}&target_session_attrs=read-write",
        "CELERY_BROKER_URL": redis.url(0),
        "REDIS_URL": redis.url(1),
        "SECRET_KEY": SECRET_KEY,
        "BASE_URL": "http://127.0.0.1",
        "ROLLCALL_ADMIN_EMAIL": EMAIL,
        "ROLLCALL_ADMIN_PASSWORD": PASSWORD,
        "API_LIMIT": "off",
        "MFA_REQUIRED": "off",
        "WEB_CONCURRENCY": "1",
    }


def new_token(environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "tokens", "create", "--email", EMAIL, "--name", "nodes"]
    return subprocess.check_output(command, cwd=ROOT, env=os.environ | environment, text=True).split()[-1]


def post(port: int, body: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("POST", "/api/v1/users", body, headers)
        return connection.getresponse().status
    except http.client.HTTPException:
        return 0
    finally:
        connection.close()


def report(clients: Clients, environment: dict[str, str], *, survives: bool) -> None:
    with create_app(load_settings(environment)).app_context(), db.engine.connect() as connection:
        emails = list(connection.scalars(text("SELECT email FROM users WHERE email <> :owner"), {"owner": EMAIL}))
        created = "SELECT count(*) FROM audit_records WHERE action = 'user.created' AND actor_kind = 'token'"
        records = connection.scalar(text(created))
        findings = len(verify().findings)
    lost = len(set(clients.emails) - set(emails))
    print(f"\nacknowledged {len(clients.emails)}, requests that were repeated {clients.repeated}")
    print(f"lost {lost}, doubled {len(emails) - len(set(emails))}, people {len(emails)}, audit records {records}")
    print(f"audit verify: {findings} findings; the session survives: {'yes' if survives else 'NO'}")
    print(f"longest time without an acknowledgement: {clients.longest_gap:.1f} s (at most {GAP_MAX:.0f})")


if __name__ == "__main__":
    main()
