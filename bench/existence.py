"""python -m bench.existence: whether the time of an answer shows if an account exists.

Forms are sent for an existing and for an unknown account in turn. The Mann-Whitney U test says how likely times that
differ this much are if both come from the same distribution: p > 0.01 means that no difference is seen.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from bench.instances import ENGINES, SERVER, Instance, temporary_instance
from bench.servers import Client, rollcall

UNKNOWN = "nobody.at.all@example.com"
LIMITS = {"LOGIN_LIMIT": "off", "RESET_LIMIT": "off"}
Send = Callable[[Client, str, str], float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.existence")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--tries", type=int, default=500)
    args = parser.parse_args()
    print("| engine | form | existing median ms | unknown median ms | p |")
    print("|---|---|---:|---:|---:|")
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance, _server(instance):
            _measure(instance, args.tries)


def _server(instance: Instance) -> AbstractContextManager[Any]:
    return rollcall(instance.environment | LIMITS)


def _measure(instance: Instance, tries: int) -> None:
    client = Client(instance.environment["BIND"])
    for name, send in (("reset", _ask_reset), ("sign-in", _sign_in)):
        token = client.csrf_token("/forgot")
        times: dict[str, list[float]] = {instance.owner.email: [], UNKNOWN: []}
        for _try in range(tries):
            for email, measured in times.items():
                measured.append(send(client, email, token) * 1000)
        existing, unknown = times.values()
        print(
            f"| {instance.engine} | {name} | {statistics.median(existing):.2f} | {statistics.median(unknown):.2f}"
            f" | {mann_whitney(existing, unknown):.3f} |",
            flush=True,
        )


def _ask_reset(client: Client, email: str, token: str) -> float:
    return client.post("/forgot", {"email": email, "csrf_token": token}).seconds


def _sign_in(client: Client, email: str, token: str) -> float:
    return client.post("/login", {"email": email, "password": "not the right phrase", "csrf_token": token}).seconds


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p of the U test, by the normal approximation. Times are floats, so ties are rare."""
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(rank for rank, (_value, sample) in enumerate(ranked, 1) if sample == 0)
    n, m = len(first), len(second)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


if __name__ == "__main__":
    main()
