"""Two nodes, a primary with a synchronous replica, and Redis, while each of them fails: python -m bench.nodes.

Clients create people by API, each with an Idempotency-Key, and repeat a request at the other node until it is
acknowledged. Meanwhile a node, Redis and the primary are killed with SIGKILL, the replica is promoted, and the new
primary stands still for some seconds, as if the network were cut. Then every acknowledged person must exist once, with
one audit record.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text

from bench.node_clients import THREADS, Clients, Node
from bench.servers import Client
from tests.jobs.faults.servers import Postgresql, Redis
from tests.postgresql_replica import Replica
from tests.processes import ROOT
from tests.server import SECRET_KEY
from webapp import create_app
from webapp.audit.verify import verify
from webapp.db.session import db
from webapp.settings import load_settings

EMAIL, PASSWORD = "olga@example.com", "перекличка в полдень"
GAP_MAX, FROZEN_SECONDS = 5.0, 2.0


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
