"""python -m bench.directory [--users N,N] [--engines postgresql,sqlite] [--database URL]

How long the list of users, its filters and its searches take at several sizes, beside the web floor of `bench.bare` in
the same run: both behind gunicorn with two workers, each request a new connection, page and floor taking turns. At the
end, by how much a page grows with every tenfold of people: the exponent of its median, 0 being not at all.
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
from bench.places import ENGINES, Place, existing, free_port, place
from bench.plans import print_plans, signed_in
from bench.servers import HASH_SECONDS, Client, bare, memory_of_workers, rollcall

WARM = 3
CREATED = 40
MEMORY_REQUESTS = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.directory")
    parser.add_argument("--users", default="10000,1000000", help="how many, one run for each")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres", help="which PostgreSQL")
    parser.add_argument("--database", help="a filled Rollcall to measure instead; people are added to it")
    parser.add_argument("--rounds", type=int, default=60, help="requests of each page")
    parser.add_argument("--memory", action="store_true", help=f"also a worker's memory after {MEMORY_REQUESTS:,} pages")
    parser.add_argument("--plans", action="store_true", help="also how the database answers each page's statements")
    given = parser.parse_args()
    found: dict[tuple[str, str], dict[int, Taken]] = {}
    for here in _places(given):
        print(f"\n## {here.engine}, {here.users:,} users\n", flush=True)
        for name, taken in measured(here, given.rounds).items():
            found.setdefault((here.engine, name), {})[here.users] = taken
        if given.plans:
            print_plans(here)
        if given.memory:
            print_memory(here)
    _print_growth(found)


def _places(given: argparse.Namespace) -> Iterator[Place]:
    if given.database:
        yield existing(given.database)
        return
    for engine in given.engines.split(","):
        for users in map(int, given.users.split(",")):
            with place(engine, users, server=given.server) as here:
                yield here


class Taken(NamedTuple):
    """How long a page takes, in seconds, and how many times as long as the floor that followed it: both medians."""

    seconds: float
    ratio: float


def measured(here: Place, rounds: int) -> dict[str, Taken]:
    """Prints a row a page."""
    found: dict[str, Taken] = {}
    bind = f"127.0.0.1:{free_port()}"
    with rollcall(here.environment), bare(bind, here.environment["DATABASE_URL"], pages.middle_id(here)):
        client, floor = Client(here.environment["BIND"]), Client(bind)
        client.cookies = signed_in(here)
        print("| page | ms | p95 | web floor | ratio |\n|---|---:|---:|---:|---:|", flush=True)
        for page in pages.directory(here):
            times = [(client.get(page.path), floor.get("/")) for _round in range(rounds + WARM)][WARM:]
            if wrong := {mine.status for mine, _bare in times} - {200}:
                print(f"| {page.name} | answered with {wrong} | | | |", flush=True)
                continue
            mine, least = ([answer.seconds for answer in column] for column in zip(*times, strict=True))
            # Of each pair, as a machine that others use too is now faster, now slower.
            ratio = statistics.median(one / other for one, other in zip(mine, least, strict=True))
            found[page.name] = taken = Taken(statistics.median(mine), ratio)
            late = sorted(mine)[min(rounds - 1, int(rounds * 0.95))]
            print(
                f"| {page.name} | {taken.seconds * 1000:.1f} | {late * 1000:.1f}"
                f" | {statistics.median(least) * 1000:.1f} | {ratio:.2f} |",
                flush=True,
            )
    print_create(here)
    return found


def print_memory(here: Place) -> None:
    """Of both workers, which are not replaced meanwhile, as they otherwise are after 2,000 requests."""
    pages = [f"/users?{urlencode({'sort': '-created', 'q': word})}" for word in ("anna", "", "смирнов")]
    with rollcall(here.environment, "--max-requests", "0") as server:
        client = Client(here.environment["BIND"])
        client.cookies = signed_in(here)
        print("\n| requests | resident, MB | their share (PSS), MB |\n|---:|---:|---:|")
        for number in range(1, MEMORY_REQUESTS + 1):
            client.get(pages[number % len(pages)])
            if number in {MEMORY_REQUESTS // 100, MEMORY_REQUESTS // 10, MEMORY_REQUESTS // 2, MEMORY_REQUESTS}:
                sizes = zip(*sorted(memory_of_workers(server)), strict=True)
                print(
                    f"| {number:,} | " + " | ".join(", ".join(f"{size:.0f}" for size in each) for each in sizes) + " |"
                )


def print_create(here: Place) -> None:
    """By the form with a password, beyond what that very request hashed, in turns with the web floor."""
    bind = f"127.0.0.1:{free_port()}"
    floor = bare(bind, here.environment["DATABASE_URL"], pages.middle_id(here))
    with rollcall(here.environment, app="bench.hashing:app"), floor:
        client, least = Client(here.environment["BIND"]), Client(bind)
        client.cookies = signed_in(here)
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
                raise RuntimeError(f"creating was answered with {answer.status}")
            times.append((answer.seconds - float(answer.headers[HASH_SECONDS]), least.get("/").seconds))
    beyond, floors = (sorted(column) for column in zip(*times[WARM:], strict=True))
    median, late = statistics.median(beyond) * 1000, beyond[int(CREATED * 0.95)] * 1000
    print(
        f"\nCreating by the form: {median:.1f} ms beyond the hash, p95 {late:.1f}; web floor"
        f" {statistics.median(floors) * 1000:.1f}.",
        flush=True,
    )


def _print_growth(found: dict[tuple[str, str], dict[int, Taken]]) -> None:
    rows = [(name, sizes) for name, sizes in found.items() if len(sizes) > 1]
    if not rows:
        return
    print("\n| page | engine | growth of ms a decade | of the ratio |\n|---|---|---:|---:|")
    for (engine, name), sizes in rows:
        least, most = min(sizes), max(sizes)
        grown = zip(sizes[least], sizes[most], strict=True)
        exponents = (math.log10(after / before) / math.log10(most / least) for before, after in grown)
        print(f"| {name} | {engine} | " + " | ".join(f"{each:.3f}" for each in exponents) + " |")


if __name__ == "__main__":
    main()
