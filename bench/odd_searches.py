"""python -m bench.odd_searches [--users 200000]: the slowest of some thousand unusual searches on both engines.

People and attackers can type such searches: only punctuation, one letter, many words, many negations, invalid field
values. Each search is a page of the list of people, with its count and its suggestions, in this process.
"""

from __future__ import annotations

import argparse
import itertools
import time

from flask.testing import FlaskClient

from bench.instances import ENGINES, SERVER, Instance, existing_instance, temporary_instance
from webapp.db.session import db
from webapp.signin.sessions import start_session
from webapp.users.models import User

LIMIT_SECONDS = 0.2
SIGNS = "%_@.-+:*?'`~#$&|\\/<>()[]{}=,;!^\"€№«»…—"
WORDS = [
    "anna",
    "smirnov",
    "смирнов",
    "mikhail",
    "a",
    "an",
    "я",
    "иван",
    "example.com",
    "@",
    "user",
    "1",
    "zq",
    "ё",
    "李",
]
FIELDS = ["name", "email", "username", "former", "status", "role", "group", "id", "created", "last_sign_in"]
VALUES = ["a", "an", "ann", "anna", "%%%", "___", "never", "2026-01-01", "<2026-01-01", "2020-01-01..", "active", "zzz"]
SORTS = ["name", "-created", "-last_sign_in", "email"]


def odd_searches() -> list[str]:
    """Return all searches, each once."""
    signs = [sign * times for sign, times in itertools.product(SIGNS, (1, 3, 50))]
    mixed = [f"{word}{sign}{word}" for word, sign in itertools.product(("a", "anna", "я"), SIGNS)]
    fields = [f"{minus}{field}:{value}" for minus, field, value in itertools.product(("", "-"), FIELDS, VALUES)]
    negated = [f"-{word}" for word in WORDS]
    many = [" ".join(f"{minus}{word}" for word in WORDS[:number]) for minus in ("", "-") for number in (3, 8, 15)]
    pairs = [f"{one} -{other}" for one, other in itertools.permutations(WORDS, 2)]
    long = ["a" * 200, "an " * 66, "-a " * 60, '"' + "a b " * 40 + '"', "ab-cd " * 30, "xn--" * 40, "анна " * 40]
    return list(dict.fromkeys([*signs, *mixed, *fields, *WORDS, *negated, *many, *pairs, *long]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.odd_searches")
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--database", help="measure this filled database instead")
    args = parser.parse_args()
    if args.database:
        _measure(existing_instance(args.database))
        return
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance:
            _measure(instance)


def _measure(instance: Instance) -> None:
    client = instance.app.test_client()
    with instance.app.app_context():
        owner = db.session.query(User).filter_by(email=instance.owner.email).one()
        token = start_session(owner, address="127.0.0.1", agent="bench")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    searches = [(text, sort) for text in odd_searches() for sort in (SORTS if len(text) < 30 else SORTS[:1])]
    times = sorted(((_seconds(client, text, sort), text, sort) for text, sort in searches), reverse=True)
    slow = [each for each in times if each[0] > LIMIT_SECONDS]
    print(
        f"\n## {instance.engine}, {instance.users:,} users: {len(times)} searches, {len(slow)} over {LIMIT_SECONDS} s\n"
    )
    for seconds, text, sort in times[: max(5, len(slow))]:
        print(f"- {seconds * 1000:.0f} ms: `{text[:60]}` by {sort}", flush=True)


def _seconds(client: FlaskClient, text: str, sort: str) -> float:
    """Return the time of the faster of two requests. The first one can compile templates or fill a cache."""
    times: list[float] = []
    for _request in range(2):
        began = time.perf_counter()
        response = client.get("/users", query_string={"q": text, "sort": sort})
        times.append(time.perf_counter() - began)
        if response.status_code >= 500:
            raise RuntimeError(f"{text!r} by {sort} answers {response.status_code}")
        if times[-1] < LIMIT_SECONDS:
            break
    return min(times)


if __name__ == "__main__":
    main()
