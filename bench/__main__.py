"""python -m bench [--users N] [--engines postgresql,sqlite] [--plans]

Makes a database of its own on each engine, fills it with demo people, starts gunicorn as in production, and
prints how long pages take beside the floor under which they cannot go: an empty view of the same server, plus the
page's own statements by the bare driver, plus its own template from constants. Page and floor take turns, so that a
machine that slows down slows both. Numbers are told, never judged.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from bench import pages
from bench.floors import Driver, capture, renderer
from bench.places import ENGINES, Place, free_port, place
from bench.plans import print_plans
from bench.servers import Client, empty, memory_of_workers, rollcall
from bench.weight import weight

WARM = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--users", type=int, help="how many; by default 100,000, and 1,000,000 for plans")
    parser.add_argument("--engines", default=",".join(ENGINES), help="postgresql, sqlite or both with a comma")
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres", help="which PostgreSQL")
    parser.add_argument("--rounds", type=int, default=60, help="requests of each page")
    parser.add_argument("--plans", action="store_true", help="how the queries are answered, instead of times of pages")
    given = parser.parse_args()
    users = given.users or (1_000_000 if given.plans else 100_000)
    for engine in given.engines.split(","):
        with place(engine, users, server=given.server) as here:
            print(f"\n## {engine}, {users:,} users (filled in {here.filled_in:.0f} s)\n", flush=True)
            if given.plans:
                print_plans(here)
            else:
                print_pages(here, given.rounds)


def print_pages(here: Place, rounds: int) -> None:
    bind = f"127.0.0.1:{free_port()}"
    with rollcall(here.environment) as server, empty(bind):
        client, floor = Client(here.environment["BIND"]), Client(bind)
        client.sign_in(here.owner.email, here.owner.password)
        print("| page | ms | p95 | floor | empty view | SQL | template | ratio | target |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
        for page in [*pages.lists(here), *pages.filters(here), *pages.searches(here), pages.person(here)]:
            print(row(page, times_of(here, client, floor, page, rounds), rounds), flush=True)
        _print_compressed(here, client, floor, rounds)
        _print_weight(client)
        for resident, share in sorted(memory_of_workers(server)):
            print(f"A worker: {resident:.0f} MB resident, {share:.0f} MB its share (PSS).")


def times_of(
    here: Place, client: Client, floor: Client, page: pages.Page, rounds: int, *, encoding: str = "identity"
) -> list[list[float]]:
    """Seconds of the page, the empty view, the statements and the template, taking turns."""
    captured = capture(here, page.path, client.cookies)
    driver = Driver(here)
    with renderer(here, page.path, captured, client.cookies) as template:
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


def _print_compressed(here: Place, client: Client, floor: Client, rounds: int) -> None:
    first = pages.Page("list by name, as br", "/users", target=False)
    print(row(first, times_of(here, client, floor, first, rounds, encoding="gzip, deflate, br"), rounds), flush=True)


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
            f"First page with 50 people, offered {encoding}: {found.page / 1024:.1f} KB;"
            f" its {found.files} static files on a first visit: {found.assets / 1024:.1f} KB."
        )


if __name__ == "__main__":
    main()
