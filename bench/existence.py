"""python -m bench.existence: whether the time of an answer shows if an account exists.

Forms are sent for an existing and for an unknown account, in random order. The Mann-Whitney U test says how likely
times that differ this much are if both come from the same distribution: p > 0.01 means that no difference is seen.
`bench.signins` compares the sign-in.
"""

from __future__ import annotations

import argparse
import statistics
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any

from bench.instances import BENCH, ENGINES, SERVER, Instance, temporary_instance
from bench.servers import Client, rollcall
from bench.signins import in_random_order, mann_whitney_p
from webapp.users.inviting import link_for_user
from webapp.users.services import create_user

UNKNOWN = "nobody.at.all@example.com"
LIMITS = {"LOGIN_LIMIT": "off", "RESET_LIMIT": "off"}


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
    forms = {"/forgot": instance.owner.email, "/invitation/again": _invite(instance)}
    for path, existing in forms.items():
        # Any page with a form contains the CSRF token.
        token = client.csrf_token("/forgot")
        times: dict[str, list[float]] = {existing: [], UNKNOWN: []}
        for _try in range(tries):
            for email in in_random_order(times):
                times[email].append(_send(client, path, {"email": email, "csrf_token": token}) * 1000)
        known, unknown = times.values()
        print(
            f"| {instance.engine} | `{path}` | {statistics.median(known):.2f} | {statistics.median(unknown):.2f}"
            f" | {mann_whitney_p(known, unknown):.3f} |",
            flush=True,
        )


def _invite(instance: Instance) -> str:
    """Invite a person. Return their e-mail address."""
    with instance.app.app_context():
        user = create_user(email="invited.person@example.com", name="Invited Person", by=BENCH)
        link_for_user(user.id, by=BENCH)
        return user.email


def _send(client: Client, path: str, fields: dict[str, str]) -> float:
    answer = client.post(path, fields)
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"{path} answered with status {answer.status}")
    return answer.seconds


if __name__ == "__main__":
    main()
