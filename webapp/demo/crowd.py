"""Generates the rows of any number of fictional people: always the same ones, in batches, with constant memory.

The rows are tuples of text for `executemany` and COPY, because a million model objects would take minutes. Their keys
equal those of webapp.users.identity; a test compares them. A name gets a number only after all names are used once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from webapp.audit.chain import Chain, Row
from webapp.audit.services import SHARDS
from webapp.core.text import fold_text
from webapp.demo.names import Name, cyrillic_names, latin_names
from webapp.demo.trails import History, Trace, TrailWriter
from webapp.demo.values import timestamp, uuid7_hex
from webapp.users.identity import parse_email, search_text

USER_COLUMNS = (
    "id",
    "email",
    "email_key",
    "username",
    "username_key",
    "name",
    "name_key",
    "search_text",
    "password_hash",
    "locale",
    "timezone",
    "theme",
    "created_at",
    "updated_at",
    "last_sign_in_at",
    "deactivated_at",
    "deactivated_by_name",
    "version",
)
BATCH_SIZE = 10_000
PERIOD = timedelta(days=365 * 5)
# The script of each of a hundred people, Latin or Cyrillic, in a mixed order.
SCRIPTS = "".join(random.Random(7).sample("L" * 60 + "C" * 40, 100))  # noqa: S311  no secret
# Shares of people.
INVITED, DEACTIVATED, SIGNED_IN, EDITED = 0.02, 0.05, 0.70, 0.12
WITH_USERNAME, CYRILLIC_USERNAME, OWN_LANGUAGE, DARK = 0.93, 0.10, 0.30, 0.08
LATIN_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "corp.example", "edu.example")
CYRILLIC_DOMAINS = (*LATIN_DOMAINS[:4], "почта.example", "institut.example")
# Up to this many people each have an audit trail. In a larger crowd, every n-th person has one.
TRAILS_MAX = 200_000


class _Domain(NamedTuple):
    text: str
    key: str
    folded: str


class _Identity(NamedTuple):
    """`former_name`: the name before the first edit, if the person has one."""

    is_latin: bool
    name: Name
    former_name: Name
    email: str
    email_key: str
    username: str | None
    username_key: str | None
    search_text: str


@dataclass(frozen=True)
class Crowd:
    """`count` people, created one after another in the PERIOD before `until`. Equal crowds have equal people.

    All active people share `password_hash`. The owner, `owner_id` and `owner_name`, created them. The audit trail of
    each batch has a shard of its own, from `first_shard` on, so that processes can generate batches independently.
    """

    count: int
    until: datetime
    password_hash: str
    owner_id: str
    owner_name: str
    first_shard: int = SHARDS

    @cached_property
    def trail_interval(self) -> int:
        """Return n, where every n-th person has an audit trail."""
        return -(-self.count // TRAILS_MAX)

    @property
    def batches(self) -> range:
        """Return the numbers of the batches."""
        return range(-(-self.count // BATCH_SIZE))

    def chain(self, batch: int) -> Chain:
        """Return the empty hash chain for the audit trail of this batch."""
        return Chain(self.first_shard + batch)

    def rows(self, batch: int, chain: Chain) -> Iterator[tuple[Row, list[Trace]]]:
        """Yield the values of USER_COLUMNS and the audit trail of each person of the batch."""
        rng = random.Random(batch)  # noqa: S311  no secret
        trails = TrailWriter(self.owner_id, self.owner_name, rng, chain)
        start = (self.until - PERIOD).astimezone(UTC).replace(tzinfo=None)
        step = PERIOD / self.count
        for number in range(batch * BATCH_SIZE, min((batch + 1) * BATCH_SIZE, self.count)):
            identity = _identity(number, rng.random)
            created = start + step * (number + rng.random())
            history = _history(created, start + PERIOD, rng.random)
            user = self._user_row(identity, history, rng)
            trail: list[Trace] = []
            if number % self.trail_interval == 0:
                values = dict(zip(USER_COLUMNS, user, strict=True))
                trail = trails.write(values, history, identity.former_name)
            yield user, trail

    def _user_row(self, identity: _Identity, history: History, rng: random.Random) -> Row:
        own_language = rng.random() < OWN_LANGUAGE
        deactivated = history.deactivated
        return (
            uuid7_hex(history.created, rng.getrandbits),
            identity.email,
            identity.email_key,
            identity.username,
            identity.username_key,
            identity.name.full,
            identity.name.key,
            identity.search_text,
            None if history.is_invited else self.password_hash,
            ("en" if identity.is_latin else "ru") if own_language else None,
            ("Europe/London" if identity.is_latin else "Europe/Moscow") if own_language else None,
            "dark" if rng.random() < DARK else "system",
            timestamp(history.created),
            timestamp(deactivated or history.edited or history.created),
            timestamp(history.last_sign_in) if history.last_sign_in else None,
            timestamp(deactivated) if deactivated else None,
            self.owner_name if deactivated else None,
            str(1 + (history.edited is not None) + (deactivated is not None)),
        )


def _identity(number: int, roll: Callable[[], float]) -> _Identity:
    rank, is_latin = _rank_in_script(number)
    names = _names()[0 if is_latin else 1]
    cycle, index = divmod(rank, len(names))
    name, suffix = names[index], str(cycle + 1) if cycle else ""
    domains = _domains(LATIN_DOMAINS if is_latin else CYRILLIC_DOMAINS)
    domain = domains[int(roll() * len(domains))]
    local = name.slug + suffix
    username = username_key = None
    username_folded = ""
    if roll() < WITH_USERNAME:
        username = username_key = username_folded = local
        if not is_latin and roll() < CYRILLIC_USERNAME:
            username, username_key = name.handle + suffix, name.handle_key + suffix
            username_folded = name.handle_folded + suffix
    text = search_text(name.key, f"{local}@{domain.folded}", username_folded)
    email, email_key = f"{local}@{domain.text}", f"{local}@{domain.key}"
    return _Identity(is_latin, name, names[index - 1], email, email_key, username, username_key, text)


def _history(created: datetime, end: datetime, roll: Callable[[], float]) -> History:
    """Return the times of a person. Nothing happens after `end`."""
    fate = roll()
    last_sign_in = edited = deactivated = None
    if fate >= INVITED and roll() < SIGNED_IN / (1 - INVITED):
        last_sign_in = created + (end - created) * roll()
    if INVITED <= fate < INVITED + DEACTIVATED:
        deactivated = (last_sign_in or created) + (end - (last_sign_in or created)) * roll()
    if roll() < EDITED:
        edited = created + ((deactivated or end) - created) * roll()
    return History(created, edited, last_sign_in, deactivated, fate < INVITED)


@lru_cache(maxsize=1)
def _names() -> tuple[list[Name], list[Name]]:
    return latin_names(), cyrillic_names()


@lru_cache(maxsize=2)
def _domains(domains: tuple[str, ...]) -> list[_Domain]:
    return [_Domain(text, parse_email(f"x@{text}")[1].partition("@")[2], fold_text(text)) for text in domains]


def _rank_in_script(number: int) -> tuple[int, bool]:
    """Return how many people of the same script come before this one, and whether the script is Latin."""
    hundreds, place = divmod(number, len(SCRIPTS))
    script = SCRIPTS[place]
    return hundreds * SCRIPTS.count(script) + _rank_in_hundred(place), script == "L"


@lru_cache(maxsize=len(SCRIPTS))
def _rank_in_hundred(place: int) -> int:
    return SCRIPTS[:place].count(SCRIPTS[place])
