"""python -m bench.agree [--users N] [--engines postgresql,sqlite] [--database URL] [--lists 200] [--seed S]

Whether the two ways of answering a search agree: all hits found and sorted, and the first ones picked out along the
order. Asked are random words and parts of words of the people themselves, with random orders and filters; compared are
the first page, the one after it and the last. Told are all that differ, and which took longest when asked first.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from bench.instances import ENGINES, Instance, existing_instance, temporary_instance
from bench.plans import signed_in
from webapp.core.clock import now
from webapp.db import engines
from webapp.db.session import db
from webapp.directory.listing import asked_for, page_of
from webapp.directory.queries import SORTS
from webapp.directory.schemas import UserListQuery
from webapp.lists import count as counting
from webapp.lists.page import Page
from webapp.lists.sifting import MANY
from webapp.users.models import ListedUser, Status, User

# How many people words are taken from.
PEOPLE = 100
# Up to so many hits are all found and sorted.
MOST = 1_000_000_000
SLOWEST_TOLD = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.agree")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres", help="which PostgreSQL")
    parser.add_argument("--database", help="a filled Rollcall to ask instead")
    parser.add_argument("--lists", type=int, default=200, help="how many lists to compare")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    args = parser.parse_args()
    if args.database:
        compare(existing_instance(args.database), args.lists, args.seed)
        return
    for engine in args.engines.split(","):
        with temporary_instance(engine, args.users, server=args.server) as instance:
            compare(instance, args.lists, args.seed)


@dataclass
class Compared:
    """The pages that differ, and how long each took that was asked first."""

    pages: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def compare(instance: Instance, lists: int, seed: int) -> None:
    print(f"\n## {instance.engine}, {instance.users:,} users, {lists:,} lists, seed {seed}\n", flush=True)
    chance = random.Random(seed)
    compared = Compared()
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in signed_in(instance).items())}
    with instance.app.test_request_context("/users", headers=headers):
        instance.app.preprocess_request()
        _be_patient()
        words = _words(chance)
        for _number in range(lists):
            _compare_one(_asked(chance, words), compared)
    print(f"{compared.pages:,} pages compared, {len(compared.wrong)} differ.\n")
    print("".join(f"- {told}\n" for told in compared.wrong))
    print("| asked first | ms |\n|---|---:|")
    for told, seconds in sorted(compared.seconds.items(), key=lambda pair: -pair[1])[:SLOWEST_TOLD]:
        print(f"| {told} | {seconds * 1000:.0f} |")


def _be_patient() -> None:
    """Finding and sorting all may take longer than a request is allowed."""
    engines.SQLITE_SECONDS = 600
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET statement_timeout = 0"))


def _words(chance: random.Random) -> list[str]:
    """Of a hundred people's names and addresses."""
    first, last = (db.session.scalars(select(User.id).order_by(by).limit(1)).one() for by in (User.id, User.id.desc()))
    words: set[str] = set()
    for _number in range(PEOPLE):
        after = User.id >= UUID(int=chance.randint(first.int, last.int))
        user = db.session.scalars(select(User).where(after).order_by(User.id).limit(1)).one()
        words |= {user.email_key, *user.name_key.split(), *user.email_key.replace("@", ".").split(".")}
    return sorted(words)


def _asked(chance: random.Random, words: Sequence[str]) -> UserListQuery:
    """No, one or two words or parts of words, in an order, mostly with a filter."""
    sought = " ".join(_part(chance, chance.choice(words)) for _number in range(chance.choice((0, 1, 1, 2))))
    day = (now() - timedelta(days=chance.randrange(1, 1500))).date()
    filters: list[dict[str, Any]] = [
        {},
        {"status": chance.choice(list(Status))},
        {"never_signed_in": True},
        {"created_from": day},
        {"created_to": day},
        {"last_sign_in_before": day},
        {"last_sign_in_after": day, "status": chance.choice(list(Status))},
        {"created_from": day, "last_sign_in_before": day + timedelta(days=chance.randrange(200))},
        {"role": "helpdesk"},
    ]
    return UserListQuery(q=sought, sort=chance.choice(("", "-")) + chance.choice(list(SORTS)), **chance.choice(filters))


def _part(chance: random.Random, word: str) -> str:
    """The word, its beginning, or something out of it, down to two letters."""
    start = chance.choice((0, 0, chance.randrange(len(word))))
    return word[start : chance.choice((len(word), start + chance.randint(2, 6)))]


def _compare_one(query: UserListQuery, compared: Compared) -> None:
    first = _compare_page("first page", query, compared)
    if first.next:
        _compare_page("second page", query.model_copy(update={"after": first.next}), compared)
    if first.last:
        _compare_page("last page", query.model_copy(update={"before": first.last}), compared)


def _compare_page(name: str, query: UserListQuery, compared: Compared) -> Page[ListedUser]:
    """The page of all hits, sorted."""
    asked = query.model_dump(mode="json", exclude_defaults=True, exclude={"after", "before"})
    told = f"{name} of " + "&".join(f"{parameter}={value}" for parameter, value in asked.items())
    MANY.until.clear()
    began = time.perf_counter()
    shown = page_of(query, asked_for(query))
    compared.seconds[told] = time.perf_counter() - began
    bound, counting.COUNT_BOUND = counting.COUNT_BOUND, MOST
    try:
        wanted = page_of(query, asked_for(query))
    finally:
        counting.COUNT_BOUND = bound
    compared.pages += 1
    if [user.id for user in shown.items] != [user.id for user in wanted.items]:
        compared.wrong.append(told)
    return wanted


if __name__ == "__main__":
    main()
