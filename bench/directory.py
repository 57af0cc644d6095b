"""python -m bench.directory [--users N,N] [--engines postgresql,sqlite] [--database URL]

Response times of the list of people, its filters and its searches at several sizes, with the web floor of `bench.bare`
in the same run. Both run under gunicorn with two workers. Each request uses a new connection, and page and floor
alternate. The last table shows how times grow with the number of people: 0 is constant time, 1 is linear.
"""

from __future__ import annotations

import argparse
import math
import secrets
import statistics
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from bench import pages
from bench.instances import ENGINES, SERVER, Instance, existing_instance, free_port, temporary_instance
from bench.plans import print_plans, signed_in
from bench.servers import HASH_SECONDS, Client, bare, memory_of_workers, rollcall

WARM = 3
CREATED = 40
MEMORY_REQUESTS = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.directory")
    parser.add_argument("--users", default="10000,1000000", help="numbers of people, one run for each")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER, help="address of the PostgreSQL server")
    parser.add_argument("--database", help="measure this filled database instead; the benchmark adds people to it")
    parser.add_argument("--rounds", type=int, default=60, help="requests for each page")
    parser.add_argument("--memory", action="store_true", help=f"also print the memory after {MEMORY_REQUESTS:,} pages")
    parser.add_argument("--plans", action="store_true", help="also print the query plans of each page")
    args = parser.parse_args()
    found: dict[tuple[str, str], dict[int, Timing]] = {}
    for instance in _instances(args):
        print(f"\n## {instance.engine}, {instance.users:,} users\n", flush=True)
        for name, timing in measure_pages(instance, args.rounds).items():
            found.setdefault((instance.engine, name), {})[instance.users] = timing
        if args.plans:
            print_plans(instance)
        if args.memory:
            print_memory(instance)
    _print_growth(found)


def _instances(args: argparse.Namespace) -> Iterator[Instance]:
    if args.database:
        yield existing_instance(args.database)
        return
    for engine in args.engines.split(","):
        for users in map(int, args.users.split(",")):
            with temporary_instance(engine, users, server=args.server) as instance:
                yield instance


class Timing(NamedTuple):
    """Medians: the response time in seconds, and its ratio to the floor that was measured right after it."""

    seconds: float
    ratio: float


def measure_pages(instance: Instance, rounds: int) -> dict[str, Timing]:
    """Print one row for each page. Return page name → medians."""
    found: dict[str, Timing] = {}
    bind = f"127.0.0.1:{free_port()}"
    with rollcall(instance.environment), bare(bind, instance.environment["DATABASE_URL"], pages.middle_id(instance)):
        client, floor = Client(instance.environment["BIND"]), Client(bind)
        client.cookies = signed_in(instance)
        print("| page | ms | p95 | web floor | ratio |\n|---|---:|---:|---:|---:|", flush=True)
        for page in pages.directory(instance):
            times = [(client.get(page.path), floor.get("/")) for _round in range(rounds + WARM)][WARM:]
            if wrong := {page_answer.status for page_answer, _floor_answer in times} - {200}:
                print(f"| {page.name} | failed with status {wrong} | | | |", flush=True)
                continue
            page_times, floor_times = ([answer.seconds for answer in column] for column in zip(*times, strict=True))
            # The ratio of each pair, because a shared machine changes its speed during a run.
            ratio = statistics.median(one / other for one, other in zip(page_times, floor_times, strict=True))
            found[page.name] = timing = Timing(statistics.median(page_times), ratio)
            p95 = sorted(page_times)[min(rounds - 1, int(rounds * 0.95))]
            print(
                f"| {page.name} | {timing.seconds * 1000:.1f} | {p95 * 1000:.1f}"
                f" | {statistics.median(floor_times) * 1000:.1f} | {ratio:.2f} |",
                flush=True,
            )
    print_create(instance)
    return found


def print_memory(instance: Instance) -> None:
    """Print the memory of both workers. In this run gunicorn does not replace workers after 2,000 requests."""
    paths = [f"/users?{urlencode({'sort': '-created', 'q': word})}" for word in ("anna", "", "смирнов")]
    with rollcall(instance.environment, "--max-requests", "0") as server:
        client = Client(instance.environment["BIND"])
        client.cookies = signed_in(instance)
        print("\n| requests | resident, MB | their share (PSS), MB |\n|---:|---:|---:|")
        for number in range(1, MEMORY_REQUESTS + 1):
            client.get(paths[number % len(paths)])
            if number in {MEMORY_REQUESTS // 100, MEMORY_REQUESTS // 10, MEMORY_REQUESTS // 2, MEMORY_REQUESTS}:
                sizes = zip(*sorted(memory_of_workers(server)), strict=True)
                print(
                    f"| {number:,} | " + " | ".join(", ".join(f"{size:.0f}" for size in each) for each in sizes) + " |"
                )


def print_create(instance: Instance) -> None:
    """Print the time of creating a person with a password by the form, without the time of the password hash."""
    bind = f"127.0.0.1:{free_port()}"
    floor = bare(bind, instance.environment["DATABASE_URL"], pages.middle_id(instance))
    with rollcall(instance.environment, app="bench.hashing:app"), floor:
        client, floor_client = Client(instance.environment["BIND"]), Client(bind)
        client.cookies = signed_in(instance)
        token = client.csrf_token("/users/new")
        times = []
        for _number in range(CREATED + WARM):
            fields = {
                "csrf_token": token,
                "name": "Новый Человек",
                "username": "",
                "password": secrets.token_urlsafe(18),
            }
            answer = client.post("/users", fields | {"email": f"bench.{secrets.token_hex(6)}@example.net"})
            if answer.status != 303:
                raise RuntimeError(f"creating a person failed with status {answer.status}")
            times.append((answer.seconds - float(answer.headers[HASH_SECONDS]), floor_client.get("/").seconds))
    without_hash, floors = (sorted(column) for column in zip(*times[WARM:], strict=True))
    median, p95 = statistics.median(without_hash) * 1000, without_hash[int(CREATED * 0.95)] * 1000
    print(
        f"\nCreating by the form: {median:.1f} ms without the hash, p95 {p95:.1f}; web floor"
        f" {statistics.median(floors) * 1000:.1f}.",
        flush=True,
    )


def _print_growth(found: dict[tuple[str, str], dict[int, Timing]]) -> None:
    rows = [(name, sizes) for name, sizes in found.items() if len(sizes) > 1]
    if not rows:
        return
    print("\n| page | engine | exponent of ms | exponent of the ratio |\n|---|---|---:|---:|")
    for (engine, name), sizes in rows:
        smallest, largest = min(sizes), max(sizes)
        pairs = zip(sizes[smallest], sizes[largest], strict=True)
        exponents = (math.log10(after / before) / math.log10(largest / smallest) for before, after in pairs)
        print(f"| {name} | {engine} | " + " | ".join(f"{each:.3f}" for each in exponents) + " |")


if __name__ == "__main__":
    main()
