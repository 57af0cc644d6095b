"""python -m bench.signins: response times of /healthz and the list of people while 200 people sign in at once.

Each sign-in has a wrong password, so it costs a password hash but creates no session. The quiet figures are from the
same server before the sign-ins. If too many sign-ins wait for a hash, the server answers 503 with Retry-After.

Then it compares failed sign-ins of an existing and of an unknown account, in random order: their times must not
differ (Mann-Whitney U, p > 0.01). `p` compares the whole answers, which strangers see. `p beyond the hash` leaves out
the password hash, and with it nearly all noise. It also prints the time of right sign-ins beyond the hash: on a known
device, and on a new one, which is recorded and notified by mail.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from bench.instances import ENGINES, SERVER, Instance, temporary_instance
from bench.servers import HASH_SECONDS, Answer, Client, rollcall

PROBES = ("/healthz", "/users")
QUIET_SECONDS = 3.0
PAUSE = 0.005


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.signins")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--sign-ins", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--tries", type=int, default=500, help="failed sign-ins of each account")
    args = parser.parse_args()
    print("| engine | page | quiet p95 ms | busy p95 ms | ratio | busy p99 ms | answers to the sign-ins |")
    print("|---|---|---:|---:|---:|---:|---|")
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance, rollcall(instance.environment):
            _measure(instance, args.sign_ins, args.rounds)
        with (
            temporary_instance(engine, args.users, server=args.server) as instance,
            rollcall(instance.environment, app="bench.hashing:app"),
        ):
            _compare_accounts(instance, args.tries)


def _measure(instance: Instance, number: int, rounds: int) -> None:
    bind = instance.environment["BIND"]
    client = Client(bind)
    client.sign_in(instance.owner.email, instance.owner.password)
    quiet = _probe(client, until=_has_passed(QUIET_SECONDS))
    busy: dict[str, list[float]] = {path: [] for path in PROBES}
    answers: Counter[int] = Counter()
    # In another process, because its threads would delay the measured requests.
    with ProcessPoolExecutor(1) as process:
        for _round in range(rounds):
            sign_ins = process.submit(sign_in_at_once, bind, number)
            for path, milliseconds in _probe(client, until=sign_ins.done).items():
                busy[path] += milliseconds
            answers.update(sign_ins.result())
    counts = ", ".join(f"{count} × {status}" for status, count in answers.items())
    for path in PROBES:
        before, during = _percentile(quiet[path], 95), _percentile(busy[path], 95)
        print(
            f"| {instance.engine} | {path} | {before:.1f} | {during:.1f} | {during / before:.1f}"
            f" | {_percentile(busy[path], 99):.1f} | {counts} |",
            flush=True,
        )


def _compare_accounts(instance: Instance, tries: int) -> None:
    client = Client(instance.environment["BIND"])
    token = client.csrf_token("/login")
    accounts: dict[str, list[Answer]] = {instance.owner.email: [], "nobody@rollcall.example": []}
    for _try in range(tries):
        for email in in_random_order(accounts):
            fields = {"csrf_token": token, "email": email, "password": "not the password"}
            accounts[email].append(client.post("/login", fields))
    whole = [[answer.seconds for answer in answers] for answers in accounts.values()]
    beyond = [[_beyond_hash(answer) for answer in answers] for answers in accounts.values()]
    known_device, new_device = _right_sign_ins(instance, min(tries, 50))
    print(
        f"{instance.engine}: failed sign-in beyond the hash, median ms: existing {statistics.median(beyond[0]):.2f},"
        f" unknown {statistics.median(beyond[1]):.2f}; p = {mann_whitney_p(*whole):.3f},"
        f" p beyond the hash = {mann_whitney_p(*beyond):.3f}. Right sign-in beyond the hash, median ms:"
        f" known device {statistics.median(known_device):.1f}, new device {statistics.median(new_device):.1f}.",
        flush=True,
    )


def _right_sign_ins(instance: Instance, number: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds beyond the hash of sign-ins on a known device, and of those on new devices."""
    bind, right = instance.environment["BIND"], {"email": instance.owner.email, "password": instance.owner.password}
    device = Client(bind)
    device.sign_in(**right)
    known, new = [], []
    for _sign_in in range(number):
        device.post("/logout", {"csrf_token": device.csrf_token("/account")})
        for client, found in ((device, known), (Client(bind), new)):
            answer = client.post("/login", right | {"csrf_token": client.csrf_token("/login")})
            found.append(_beyond_hash(answer))
    return known, new


def _beyond_hash(answer: Answer) -> float:
    return (answer.seconds - float(answer.headers[HASH_SECONDS])) * 1000


def in_random_order(accounts: Iterable[str]) -> list[str]:
    """Return them shuffled: in a fixed order, one of two server processes could get all requests of one account."""
    order = list(accounts)
    random.shuffle(order)
    return order


def mann_whitney_p(first: list[float], second: list[float]) -> float:
    """Return the two-sided p of the Mann-Whitney U test, by the normal approximation. Equal values share their rank."""
    both = sorted(first + second)
    places: dict[float, list[int]] = {}
    for place, value in enumerate(both, 1):
        places.setdefault(value, []).append(place)
    ranks = {value: statistics.mean(found) for value, found in places.items()}
    n, m = len(first), len(second)
    u = sum(ranks[value] for value in first) - n * (n + 1) / 2
    ties = sum(len(found) ** 3 - len(found) for found in places.values())
    deviation = math.sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))))
    return math.erfc(abs(u - n * m / 2) / deviation / math.sqrt(2))


def sign_in_at_once(bind: str, number: int) -> list[int]:
    """Send this number of sign-ins at the same moment, and return their statuses."""
    client = Client(bind)
    fields = {"csrf_token": client.csrf_token("/login"), "email": "nobody@example.com", "password": "not the password"}
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(lambda _number: client.post("/login", fields).status, range(number)))


def _has_passed(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _probe(client: Client, *, until: Callable[[], bool]) -> dict[str, list[float]]:
    """Request the pages in turn until `until()` is true. Return path → milliseconds of each request."""
    found: dict[str, list[float]] = {path: [] for path in PROBES}
    while not until():
        for path in PROBES:
            found[path].append(client.get(path).seconds * 1000)
            time.sleep(PAUSE)
    return found


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else values[0]


if __name__ == "__main__":
    main()
