"""python -m bench [--users N] [--engines postgresql,sqlite] [--plans]

Creates a database on each engine, fills it with demo people and starts gunicorn as in production. Prints the response
time of pages and their floor: an empty view of the same server, plus the statements of the page by the bare driver,
plus its template rendered from constants. Page and floor alternate, so that a slower machine slows both. Benchmarks
print figures; they never fail.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from bench import pages
from bench.floors import Driver, capture, renderer
from bench.instances import ENGINES, Instance, free_port, temporary_instance
from bench.plans import print_plans
from bench.servers import Client, empty, memory_of_workers, rollcall
from bench.weight import weight

WARM = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--users", type=int, help="number of people; default 100,000, with --plans 1,000,000")
    parser.add_argument("--engines", default=",".join(ENGINES), help="postgresql, sqlite or both with a comma")
    parser.add_argument(
        "--server", default="postgresql://postgres@127.0.0.1:5432/postgres", help="address of the PostgreSQL server"
    )
    parser.add_argument("--rounds", type=int, default=60, help="requests for each page")
    parser.add_argument("--plans", action="store_true", help="print query plans instead of response times")
    args = parser.parse_args()
    users = args.users or (1_000_000 if args.plans else 100_000)
    for engine in args.engines.split(","):
        with temporary_instance(engine, users, server=args.server) as instance:
            print(f"\n## {engine}, {users:,} users (filled in {instance.filled_in:.0f} s)\n", flush=True)
            if args.plans:
                print_plans(instance)
            else:
                print_pages(instance, args.rounds)


def print_pages(instance: Instance, rounds: int) -> None:
    bind = f"127.0.0.1:{free_port()}"
    with rollcall(instance.environment) as server, empty(bind):
        client, floor = Client(instance.environment["BIND"]), Client(bind)
        client.sign_in(instance.owner.email, instance.owner.password)
        print("| page | ms | p95 | floor | empty view | SQL | template | ratio | target |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
        measured = (*pages.lists(instance), *pages.filters(instance), *pages.searches(instance), pages.person(instance))
        for page in measured:
            print(row(page, times_of(instance, client, floor, page, rounds), rounds), flush=True)
        _print_compressed(instance, client, floor, rounds)
        _print_weight(client)
        for resident, share in sorted(memory_of_workers(server)):
            print(f"Memory of a worker: {resident:.0f} MB resident, {share:.0f} MB proportional (PSS).")


def times_of(
    instance: Instance, client: Client, floor: Client, page: pages.Page, rounds: int, *, encoding: str = "identity"
) -> list[list[float]]:
    """Seconds of the page, the empty view, the statements and the template, measured in turns."""
    captured = capture(instance, page.path, client.cookies)
    driver = Driver(instance)
    with renderer(instance, page.path, captured, client.cookies) as template:
        parts: list[Callable[[], float]] = [
            lambda: client.get(page.path, encoding=encoding).seconds,
            lambda: floor.get("/").seconds,
            lambda: driver.seconds(captured),
            template.seconds,
        ]
        times = [[part() for part in parts] for _round in range(rounds + WARM)]
    driver.close()
    return [list(column) for column in zip(*times[WARM:], strict=True)]


def row(page: pages.Page, times: list[list[float]], rounds: int) -> str:
    median, *parts = (statistics.median(column) * 1000 for column in times)
    late = sorted(times[0])[min(rounds - 1, int(rounds * 0.95))] * 1000
    figures = " | ".join(f"{value:.2f}" for value in (median, late, sum(parts), *parts))
    return f"| {page.name} | {figures} | {median / sum(parts):.2f} | {f'≤ {pages.TARGET}' if page.target else ''} |"


def _print_compressed(instance: Instance, client: Client, floor: Client, rounds: int) -> None:
    first = pages.Page("list by name, as br", "/users", target=False)
    times = times_of(instance, client, floor, first, rounds, encoding="gzip, deflate, br")
    print(row(first, times, rounds), flush=True)


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _print_weight(client: Client) -> None:
    print()
    # Browsers offer brotli over HTTPS only.
    for encoding in ("gzip, deflate", "gzip, deflate, br"):
        found = weight(client, "/users", encoding)
        print(
            f"First page with 50 people ({encoding}): {found.page / 1024:.1f} KB;"
            f" its {found.files} static files on a first visit: {found.assets / 1024:.1f} KB."
        )


if __name__ == "__main__":
    main()
