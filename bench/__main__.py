"""python -m bench [--users N] [--engines postgresql,sqlite] [--plans]

Creates a database on each engine, fills it with demo people and starts gunicorn as in production. Prints the response
time of each page and its floor. The floor is the sum of three times: an empty view on the same server, the statements
of the page by the bare driver, and its template rendered from constants. Page and floor alternate, so that a slower
machine slows both. Benchmarks print figures; they never fail.
"""

from __future__ import annotations

import argparse

from bench import pages
from bench.instances import ENGINES, SERVER, Instance, free_port, temporary_instance
from bench.page_times import print_header, print_rows
from bench.plans import print_plans
from bench.servers import Client, empty, memory_of_workers, rollcall
from bench.weight import weight


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--users", type=int, help="number of people; default 100,000, with --plans 1,000,000")
    parser.add_argument("--engines", default=",".join(ENGINES), help="postgresql, sqlite or both with a comma")
    parser.add_argument("--server", default=SERVER, help="address of the PostgreSQL server")
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
        print_header()
        measured = (*pages.lists(instance), *pages.filters(instance), *pages.searches(instance), pages.person(instance))
        print_rows(instance, client, floor, measured, rounds)
        compressed = pages.Page("list by name, as br", "/users", target=False)
        print_rows(instance, client, floor, [compressed], rounds, encoding="gzip, deflate, br")
        _print_weight(client)
        for resident, share in sorted(memory_of_workers(server)):
            print(f"Memory of a worker: {resident:.0f} MB resident, {share:.0f} MB proportional (PSS).")


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
