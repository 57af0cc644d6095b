"""python -m bench.audit [--users N] [--engines postgresql,sqlite] [--records N]

The cost of the audit trail, in three comparisons: creating a person with and without a record, verifying the chain and
only reading and hashing the same rows, and the audit pages and their floor. Both sides of a comparison take turns. With
`--records`, on PostgreSQL: the pages with the trail of 10,000 people, then the pages and the verification with a trail
of this length.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import Any

from bench import pages
from bench.instances import BENCH, ENGINES, SERVER, Instance, free_port, temporary_instance
from bench.page_times import print_header, print_rows
from bench.servers import Client, empty, rollcall
from bench.timing import seconds_of
from bench.trail import lengthen
from webapp.api_tokens.services import create_token
from webapp.audit.chain_rows import record_batches, snapshot
from webapp.audit.verify import verify
from webapp.users import creating
from webapp.users.queries import get_user_by_identifier

ROUNDS = 400
WARM = 30
ROUNDS_OF_PAGES = 40
# With --records: few people, so that only the trail is large.
PEOPLE = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.audit")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--records", type=int, help="number of records of a long trail, on PostgreSQL")
    args = parser.parse_args()
    if args.records:
        print_long_trail(args.records, server=args.server)
        return
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance:
            print(f"\n## {engine}, {args.users:,} users (filled in {instance.filled_in:.0f} s)\n", flush=True)
            with instance.app.app_context():
                print_verify()
                print_create(instance)
            print_pages(instance)


def print_long_trail(records: int, *, server: str) -> None:
    """Measure the pages with a short and with a long trail of the same people."""
    with temporary_instance("postgresql", PEOPLE, server=server) as instance:
        print(f"\n## postgresql, {PEOPLE:,} people and the trail of their creation\n", flush=True)
        print_pages(instance)
        began = time.perf_counter()
        lengthen(instance, records)
        print(f"\n## {records:,} records (filled in {time.perf_counter() - began:.0f} s)\n", flush=True)
        print_pages(instance)
        with instance.app.app_context():
            print_verify(rounds=1)


def print_verify(rounds: int = 3) -> None:
    """Print the median of the rounds."""
    times: dict[str, list[float]] = {"bare": [], "verify": []}
    records = 0
    for _round in range(rounds):
        times["bare"].append(seconds_of(_read_and_hash))
        began = time.perf_counter()
        report = verify()
        times["verify"].append(time.perf_counter() - began)
        records = report.records
        if report.findings:
            raise RuntimeError(report.findings[0])
    bare, ours = (statistics.median(each) for each in times.values())
    print(
        f"Checking {records:,} records: {records / ours:,.0f} a second; only reading and hashing them"
        f" {records / bare:,.0f}; ratio {ours / bare:.2f} (≤ 2)",
        flush=True,
    )


def _read_and_hash() -> None:
    with snapshot() as connection:
        for batch in record_batches(connection):
            for row in batch:
                sha256("".join(map(str, row)).encode()).digest()


def print_pages(instance: Instance) -> None:
    bind = f"127.0.0.1:{free_port()}"
    with rollcall(instance.environment), empty(bind):
        client, floor = Client(instance.environment["BIND"]), Client(bind)
        client.sign_in(instance.owner.email, instance.owner.password)
        print()
        print_header()
        print_rows(instance, client, floor, pages.trail(instance), ROUNDS_OF_PAGES)


def print_create(instance: Instance) -> None:
    """Measure creating a person by the API and by the service. Without a password: its hash takes most of the time."""
    with instance.app.app_context():
        token = create_token(get_user_by_identifier(instance.owner.email), name="bench", by=BENCH)
    client, headers = instance.app.test_client(), {"Authorization": f"Bearer {token}"}

    def by_api(number: str) -> None:
        answer = client.post("/api/v1/users", json=_person(number), headers=headers)
        if answer.status_code != 201:
            raise RuntimeError(answer.text)

    def by_service(number: str) -> None:
        creating.create_user(**_person(number), by=BENCH)

    for name, create in (("the API", by_api), ("the service", by_service)):
        recorded, bare = _in_turns(name, create)
        print(
            f"Creating someone by {name}: {recorded:.2f} ms with a record, {bare:.2f} without;"
            f" ratio {recorded / bare:.3f} (≤ 1.10)",
            flush=True,
        )


def _in_turns(name: str, create: Callable[[str], None]) -> tuple[float, float]:
    recorded, bare = [], []
    for number in range(ROUNDS + WARM):
        recorded.append(seconds_of(partial(create, f"{name[4:]}.a{number}")))
        with _unrecorded():
            bare.append(seconds_of(partial(create, f"{name[4:]}.b{number}")))
    return tuple(statistics.median(times[WARM:]) * 1000 for times in (recorded, bare))


def _person(number: str) -> dict[str, str]:
    return {"email": f"audited.{number}@example.net", "name": "Новый Человек", "username": f"audited.{number}"}


@contextmanager
def _unrecorded() -> Iterator[None]:
    real: Any = creating.record
    creating.record = lambda *_given, **_named: None
    try:
        yield
    finally:
        creating.record = real


if __name__ == "__main__":
    main()
