"""Failures of two nodes, a primary with a synchronous replica, and Redis: python -m bench.nodes.

Each is a machine in a network namespace of its own. A node is nginx, gunicorn and a worker. Clients create people by
the API, each with an Idempotency-Key, and repeat a request at the other node until it is acknowledged. Meanwhile a
node, Redis and the primary are killed with SIGKILL, the replica is promoted, and the networks of a node and of the new
primary are cut. Then every acknowledged person must exist once, with one audit record.
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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import text

from bench.namespaces import Switch, cut
from bench.node_clients import THREADS, Clients, Node
from bench.servers import Client
from tests.jobs.faults.servers import Place, Postgresql, Redis
from tests.postgresql_replica import Replica
from tests.processes import ROOT
from tests.server import SECRET_KEY
from webapp import create_app
from webapp.audit.verify import verify
from webapp.db.session import db
from webapp.settings import load_settings

EMAIL, PASSWORD = "olga@example.com", "перекличка в полдень"
GAP_MAX, CUT_SECONDS = 5.0, 2.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.nodes")
    parser.add_argument("--people", type=int, default=2000)
    count = parser.parse_args().people
    # Namespaces outlive this process, so SIGTERM must run the clean-up too.
    signal.signal(signal.SIGTERM, lambda *_given: sys.exit(1))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-nodes-")))
        switch = stack.enter_context(Switch().running())
        places = [stack.enter_context(switch.machine()) for _number in range(5)]
        primary, replica, redis = start_servers(stack, places[2:])
        environment = environment_of(primary, replica, redis)
        nodes = []
        for number, place in enumerate(places[:2]):
            nodes.append(Node(environment, folder / str(number), place))
            stack.callback(nodes[-1].kill)
        browser = Client(nodes[0].bind)
        browser.sign_in(EMAIL, PASSWORD)
        clients = Clients(nodes, new_token(environment), count)
        with running(clients):
            break_everything(clients, primary, replica, redis)
        browser.host, browser.port = nodes[1].place.address, nodes[1].nginx.port
        report(clients, environment, survives=browser.get("/users").status == 200)


def break_everything(clients: Clients, primary: Postgresql, replica: Replica, redis: Redis) -> None:
    """Cause each failure when its share of the people is acknowledged."""
    node = clients.nodes[0]
    at(clients, 0.10, "kill a node", node.kill)
    at(clients, 0.25, "start the node again", node.start)
    at(clients, 0.35, "cut the network of the other node", lambda: cut(clients.nodes[1].place, CUT_SECONDS))
    at(clients, 0.45, "kill Redis", redis.kill)
    at(clients, 0.55, "start Redis again", redis.start)
    at(clients, 0.65, "kill the primary, promote the replica", lambda: fail_over(primary, replica))
    at(clients, 0.80, "cut the network of the new primary", lambda: cut(replica.place, CUT_SECONDS))


def fail_over(primary: Postgresql, replica: Replica) -> None:
    for pid in (primary.process.pid, *primary.process.family()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    replica.promote()


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


def start_servers(stack: contextlib.ExitStack, places: Sequence[Place]) -> tuple[Postgresql, Replica, Redis]:
    primary, redis = Postgresql(places[0]), Redis(places[2])
    for server in (primary, redis):
        stack.callback(server.close)
        server.start()
        server.wait_until_ready()
    primary.sql("CREATE DATABASE rollcall")
    replica = Replica(primary, places[1])
    stack.callback(replica.close)
    replica.start()
    replica.wait_until_ready()
    # The replica does not get this setting, so it does not wait for a standby after its promotion.
    primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
    return primary, replica, redis


def environment_of(primary: Postgresql, replica: Replica, redis: Redis) -> dict[str, str]:
    hosts = "&".join(f"host={server.place.address}:{server.port}" for server in (primary, replica))
    return {
        "DATABASE_URL": f"postgresql://postgres@/rollcall?{hosts}&target_session_attrs=read-write",
        "CELERY_BROKER_URL": redis.url(0),
        "REDIS_URL": redis.url(1),
        "SECRET_KEY": SECRET_KEY,
        "BASE_URL": "http://rollcall.example",
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
    longest = ", ".join(f"{seconds:.1f} s after {people}" for seconds, people in clients.gaps[:3])
    print(f"longest times without an acknowledgement: {longest} people (at most {GAP_MAX:.0f} s)")


if __name__ == "__main__":
    main()
