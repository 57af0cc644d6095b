"""A crowd of demo people: as many as are asked for, always the same ones, made row by row in constant memory.

The rows are made for `executemany` and COPY, so that a million take seconds; their keys are what
webapp.users.identity would compute, which a test compares. The k-th name of a script gets a number only
once all names have been given out, so a crowd of ten thousand looks like people and not like a sequence.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from webapp.audit.chain import FIELDS_INDEX, Chain, Row
from webapp.audit.models import Action
from webapp.audit.services import SHARDS
from webapp.core.permissions import ActorKind
from webapp.core.text import fold_text
from webapp.db.types import compact_json
from webapp.demo.names import Name, cyrillic_names, latin_names
from webapp.users.identity import parse_email, search_text

# An audit record and its details.
Trace = tuple[Row, Row]

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
HEAD_COLUMNS = ("shard", "seq", "hash")
BATCH = 10_000
YEARS = 5
SPAN = timedelta(days=365 * YEARS)
# Of every hundred people, in an order that does not show.
SCRIPTS = "".join(random.Random(7).sample("L" * 60 + "C" * 40, 100))  # noqa: S311  no secret
INVITED, DEACTIVATED, SIGNED_IN, EDITED = 0.02, 0.05, 0.70, 0.12
WITH_USERNAME, CYRILLIC_USERNAME, OWN_LANGUAGE, DARK = 0.93, 0.10, 0.30, 0.08
LATIN_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "corp.example", "edu.example")
CYRILLIC_DOMAINS = (*LATIN_DOMAINS[:4], "почта.example", "institut.example")
# Up to so many people everybody has a trail; of more, every n-th.
TRAILS_MAX = 200_000
NAME = USER_COLUMNS.index("name")
_EPOCH = datetime(1970, 1, 1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Crowd:
    """`count` people, created in turn over the years before `until`; equal crowds have equal people.

    Everyone shares `password_hash`, who has one at all; `owner_id` and `owner_name` are who made them. The trail of
    each batch is a shard of its own, from `first_shard` on, so that processes can chain them apart.
    """

    count: int
    until: datetime
    password_hash: str
    owner_id: str
    owner_name: str
    first_shard: int = SHARDS

    @cached_property
    def trail_every(self) -> int:
        """Every so many people one has a trail of changes."""
        return -(-self.count // TRAILS_MAX)

    @property
    def batches(self) -> range:
        """The numbers of the batches that the crowd consists of."""
        return range(-(-self.count // BATCH))

    def chain(self, batch: int) -> Chain:
        """What chains the trail of this batch."""
        return Chain(self.first_shard + batch)

    def rows(self, batch: int, chain: Chain) -> Iterator[tuple[Row, list[Trace]]]:
        """The user row and the trail of each person of one batch; batches are made apart, in any process."""
        chance = random.Random(batch)  # noqa: S311  no secret
        roll, bits = chance.random, chance.getrandbits
        latin, cyrillic = _names()
        began = (self.until - SPAN).astimezone(UTC).replace(tzinfo=None)
        step = SPAN / self.count
        end = began + SPAN
        for number in range(batch * BATCH, min((batch + 1) * BATCH, self.count)):
            rank, is_latin = _rank(number)
            names, domains = (latin, _domains(LATIN_DOMAINS)) if is_latin else (cyrillic, _domains(CYRILLIC_DOMAINS))
            turn, place = divmod(rank, len(names))
            name = names[place]
            suffix = str(turn + 1) if turn else ""
            domain, domain_key, domain_folded = domains[int(roll() * len(domains))]
            local = name.slug + suffix
            username = username_key = None
            username_folded = ""
            if roll() < WITH_USERNAME:
                if not is_latin and roll() < CYRILLIC_USERNAME:
                    username = name.handle + suffix
                    username_key = name.handle_key + suffix
                    username_folded = name.handle_folded + suffix
                else:
                    username = username_key = username_folded = local
            created = began + step * (number + roll())
            left = end - created
            fate = roll()
            last_sign_in = changed = deactivated = None
            if fate >= INVITED and roll() < SIGNED_IN / (1 - INVITED):
                last_sign_in = created + left * roll()
            if INVITED <= fate < INVITED + DEACTIVATED:
                deactivated = (last_sign_in or created) + (end - (last_sign_in or created)) * roll()
            if roll() < EDITED:
                changed = created + ((deactivated or end) - created) * roll()
            own_language = roll() < OWN_LANGUAGE
            email = f"{local}@{domain}"
            user_id = _id(created, bits)
            user = (
                user_id,
                email,
                f"{local}@{domain_key}",
                username,
                username_key,
                name.full,
                name.key,
                search_text(name.key, f"{local}@{domain_folded}", username_folded),
                self.password_hash if fate >= INVITED else None,
                ("en" if is_latin else "ru") if own_language else None,
                ("Europe/London" if is_latin else "Europe/Moscow") if own_language else None,
                "dark" if roll() < DARK else "system",
                _text(created),
                _text(deactivated or changed or created),
                _text(last_sign_in) if last_sign_in else None,
                _text(deactivated) if deactivated else None,
                self.owner_name if deactivated else None,
                str(1 + (changed is not None) + (deactivated is not None)),
            )
            trail: list[Trace] = []
            if number % self.trail_every == 0:
                trail = self._trail(user, (created, changed, deactivated), names[place - 1], chance, chain)
            yield user, trail

    def _trail(
        self,
        user: Row,
        moments: tuple[datetime, datetime | None, datetime | None],
        other: Name,
        chance: random.Random,
        chain: Chain,
    ) -> list[Trace]:
        """What happened to `user`: creation, perhaps one edit, perhaps the end of their access."""
        created, changed, deactivated = moments
        value = dict(zip(USER_COLUMNS, user, strict=True))
        first = {name: value[name] for name in ("email", "username", "name", "locale", "timezone", "theme")}
        edit: dict[str, list[str | None]] = {}
        if changed:
            field = chance.choice(("name", "name", "email", "username", "theme"))
            before = {
                "name": other.full,
                "email": str(value["email"]).replace("@", "@old."),
                "username": None,
                "theme": "light",
            }[field]
            if before != first[field]:
                edit = {field: [before, first[field]]}
                first[field] = before
        made: dict[str, list[str | None]] = {name: [None, text] for name, text in first.items() if text}
        if value["password_hash"]:
            made["password"] = [None, "changed"]
        trail = [self._record(Action.USER_CREATED, created, user, made, chance, chain)]
        if changed and edit:
            trail.append(self._record(Action.USER_UPDATED, changed, user, edit, chance, chain))
        if deactivated:
            status: dict[str, list[str | None]] = {"status": ["active", "deactivated"]}
            trail.append(self._record(Action.USER_DEACTIVATED, deactivated, user, status, chance, chain))
        return trail

    def _record(
        self,
        action: Action,
        at: datetime,
        user: Row,
        changes: dict[str, list[str | None]],
        chance: random.Random,
        chain: Chain,
    ) -> Trace:
        imported = action == Action.USER_CREATED and chance.random() < 0.6
        details: tuple[str, ...] = (
            "hr · command line" if imported else self.owner_name,
            user[NAME] or "",
            "" if imported else f"192.0.2.{chance.getrandbits(7)}",
            compact_json(changes),
            "",
            f"{chance.getrandbits(128):032x}",
        )
        sealed = (
            _id(at, chance.getrandbits),
            _text(at),
            action.value,
            ActorKind.COMMAND.value if imported else ActorKind.USER.value,
            None if imported else self.owner_id,
            None,
            "user",
            user[0],
            "" if imported else f"{chance.getrandbits(64):016x}",
            list(changes),
            None,
            None,
        )
        return chain.append(sealed, details)


def copied(crowd: Crowd, batch: int) -> dict[str, bytes]:
    """The rows of one batch in the text format of COPY, by table."""
    chain = crowd.chain(batch)
    users: list[str] = []
    records: list[str] = []
    details: list[str] = []
    for user, trail in crowd.rows(batch, chain):
        users.append(_line(user))
        for record, detail in trail:
            array = f"{{{','.join(record[FIELDS_INDEX])}}}"
            records.append(_line((*record[:FIELDS_INDEX], array, *record[FIELDS_INDEX + 1 :])))
            details.append(_line(detail))
    return {
        "users": "".join(users).encode(),
        "audit_records": "".join(records).encode(),
        "audit_details": "".join(details).encode(),
        "audit_heads": _line(head(chain)).encode() if chain.seq else b"",
    }


def head(chain: Chain) -> Row:
    return chain.shard, chain.seq, chain.hash


def _line(row: Row) -> str:
    # No demo text holds a tab or a backslash; `search_text` holds line ends.
    return "\t".join([r"\N" if value is None else str(value) for value in row]).replace("\n", r"\n") + "\n"


@lru_cache(maxsize=1)
def _names() -> tuple[list[Name], list[Name]]:
    return latin_names(), cyrillic_names()


@lru_cache(maxsize=2)
def _domains(domains: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Each as shown, as key and as searched."""
    return [(domain, parse_email(f"x@{domain}")[1].partition("@")[2], fold_text(domain)) for domain in domains]


@lru_cache(maxsize=len(SCRIPTS))
def _rank_within(place: int) -> int:
    return SCRIPTS[:place].count(SCRIPTS[place])


def _rank(number: int) -> tuple[int, bool]:
    """How many people of the same script come before this one, and whether the script is Latin."""
    hundreds, place = divmod(number, len(SCRIPTS))
    script = SCRIPTS[place]
    return hundreds * SCRIPTS.count(script) + _rank_within(place), script == "L"


def _id(moment: datetime, bits: Callable[[int], int]) -> str:
    """A UUIDv7 (RFC 9562) of `moment`, as both engines read it."""
    milliseconds = (moment - _EPOCH) // _MILLISECOND
    return f"{milliseconds:012x}7{bits(12):03x}{bits(62) | 1 << 63:016x}"


def _text(moment: datetime) -> str:
    """As both engines store it: PostgreSQL reads it as UTC, SQLite keeps it as it is."""
    return moment.isoformat(" ", "microseconds")
