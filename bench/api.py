"""python -m bench.api [--users N] [--engines postgresql,sqlite] [--memory 100000]

Measures the JSON API on the same servers as in production, in turns with its floors:

- create: a bare Flask view that inserts the same rows in one transaction (`bench.bare_api`);
- get and list: an empty view, the statements by the bare driver, and the answer by `json.dumps`;
- batch: as many single requests.

`--memory` sends this many requests instead, and prints the memory of the workers between them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import event

from bench.floors import Captured, Driver
from bench.instances import BENCH, ENGINES, SERVER, Instance, free_port, temporary_instance
from bench.servers import empty, gunicorn, memory_of_workers, rollcall
from bench.timing import seconds_of
from webapp.api_tokens.services import create_token
from webapp.db.session import db
from webapp.users.queries import get_user_by_identifier

ROUNDS, WARM_UP = 100, 10
BATCH = 1000


class ApiClient:
    """Sends JSON, with a new connection for each request like `bench.servers.Client`."""

    def __init__(self, bind: str, token: str = "") -> None:
        self.bind = bind
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.sent = 0

    def send(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body)
        with closing(http.client.HTTPConnection(self.bind, timeout=120)) as connection:
            connection.request(method, path, data, self.headers)
            answer = connection.getresponse()
            text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} failed with status {answer.status}: {text[:300]!r}")
        return json.loads(text) if text else None

    def person(self, prefix: str) -> dict[str, Any]:
        self.sent += 1
        return {
            "email": f"{prefix}{self.sent}-{time.time_ns()}@example.com",
            "name": f"Bench {self.sent}",
            "invite": False,
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.api")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER, help="address of the PostgreSQL server")
    parser.add_argument("--memory", type=int, default=0, help="requests between which to print the memory of workers")
    args = parser.parse_args()
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance:
            print(f"\n## API, {engine}, {instance.users:,} users\n", flush=True)
            with instance.app.app_context():
                token = create_token(get_user_by_identifier(instance.owner.email), name="bench", by=BENCH).secret
            if args.memory:
                _print_memory(instance, token, args.memory)
            else:
                _print_ratios(instance, token)


def _print_ratios(instance: Instance, token: str) -> None:
    empty_bind = f"127.0.0.1:{free_port()}"
    with rollcall(instance.environment), empty(empty_bind), _bare(instance) as bare_bind:
        api, floor, bare = (ApiClient(each, token) for each in (instance.environment["BIND"], empty_bind, bare_bind))
        print("| operation | ms | floor | ratio | target |")
        print("|---|---:|---:|---:|---|")
        created, least = _in_turns(
            lambda: api.send("POST", "/api/v1/users", api.person("a")),
            lambda: bare.send("POST", "/users", bare.person("f")),
        )
        _print_row("create (as many a second as the floor)", created, least, least / created, "≥ 0.5")
        user_id = api.send("GET", "/api/v1/users?limit=1&fields=id")["items"][0]["id"]
        for name, path in (("get", f"/api/v1/users/{user_id}"), ("list", "/api/v1/users")):
            took, least = _read(instance, token, api, floor, path)
            _print_row(name, took, least, took / least, "≤ 1.5")
        for name, invite in (("batch of 1,000", False), ("batch of 1,000 with invitations", True)):
            single, each = _batch(api, invite=invite)
            _print_row(f"{name}: each operation, and a single request", each, single, single / each, "≥ 10")


def _print_row(name: str, took: float, floor: float, ratio: float, target: str) -> None:
    print(f"| {name} | {took * 1000:.2f} | {floor * 1000:.2f} | {ratio:.2f} | {target} |", flush=True)


def _in_turns(*parts: Callable[[], object]) -> list[float]:
    """Return the median seconds of each part."""
    times = [[seconds_of(part) for part in parts] for _round in range(ROUNDS + WARM_UP)]
    return [statistics.median(column) for column in zip(*times[WARM_UP:], strict=True)]


def _read(instance: Instance, token: str, api: ApiClient, floor: ApiClient, path: str) -> tuple[float, float]:
    captured, answer = _capture(instance, token, path), api.send("GET", path)
    driver = Driver(instance)
    took, *parts = _in_turns(
        lambda: api.send("GET", path),
        lambda: floor.send("GET", "/"),
        lambda: driver.seconds(captured),
        lambda: json.dumps(answer),
    )
    driver.close()
    return took, sum(parts)


def _capture(instance: Instance, token: str, path: str) -> Captured:
    """Request `path` in this process, and return its statements."""
    captured = Captured()

    def on_statement(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            captured.statements.append((statement, parameters))

    with instance.app.app_context():
        engine = db.engine
    headers = {"Authorization": f"Bearer {token}", "Host": instance.environment["BIND"]}
    event.listen(engine, "before_cursor_execute", on_statement)
    try:
        instance.app.test_client().get(path, headers=headers)
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
    return captured


def _batch(api: ApiClient, *, invite: bool) -> tuple[float, float]:
    """Return the median seconds of a single request, and the seconds of one operation of a batch."""
    (single,) = _in_turns(lambda: api.send("POST", "/api/v1/users", api.person("s") | {"invite": invite}))
    bodies = [api.person("b") | {"invite": invite} for _number in range(BATCH)]
    operations = [{"method": "POST", "path": "/users", "body": body} for body in bodies]
    took = seconds_of(lambda: api.send("POST", "/api/v1/users/batch", {"operations": operations}))
    return single, took / BATCH


@contextmanager
def _bare(instance: Instance) -> Iterator[str]:
    bind = f"127.0.0.1:{free_port()}"
    environment = {"DATABASE_URL": instance.environment["DATABASE_URL"]}
    with instance.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO audit_heads (shard, seq, hash) VALUES (99, 0, '{'0' * 64}')")
    with gunicorn(["-c", "python:bench.bare_api", "--bind", bind, "bench.bare_api:app"], environment, bind, "/"):
        yield bind


def _print_memory(instance: Instance, token: str, requests: int) -> None:
    """Send requests to workers that are not replaced, and print their memory."""
    with rollcall(instance.environment, "--max-requests", "0") as server:
        api = ApiClient(instance.environment["BIND"], token)
        for number in range(requests + 1):
            if number % max(1, requests // 10) == 0:
                sizes = ", ".join(f"{resident:.0f} MB" for resident, _share in sorted(memory_of_workers(server)))
                print(f"after {number:,} requests: {sizes}", flush=True)
            if number % 20 == 0:
                api.send("POST", "/api/v1/users", api.person("m"))
            else:
                api.send("GET", "/api/v1/users" if number % 2 else "/api/v1/me")


if __name__ == "__main__":
    main()
