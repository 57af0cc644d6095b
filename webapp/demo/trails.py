"""Generates the audit trail of a fictional person: creation, perhaps one edit, perhaps deactivation."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from webapp.audit.actions import Action
from webapp.audit.chain import Chain, Row
from webapp.core.permissions import ActorKind
from webapp.db.types import compact_json
from webapp.demo.names import Name
from webapp.demo.values import timestamp, uuid7_hex

# Values of RECORD_COLUMNS and of DETAILS_COLUMNS (webapp.audit.chain).
Trace = tuple[Row, Row]
Changes = dict[str, list[str | None]]
Values = dict[str, str | None]

HEAD_COLUMNS = ("shard", "seq", "hash")
# The share of people that were imported.
IMPORTED = 0.6
AUDITED_FIELDS = ("email", "username", "name", "locale", "timezone", "theme")


class History(NamedTuple):
    """The times of a person, in UTC without a time zone. An invited person has no password."""

    created: datetime
    edited: datetime | None
    last_sign_in: datetime | None
    deactivated: datetime | None
    is_invited: bool


@dataclass(frozen=True)
class TrailWriter:
    """Writes the trails of one batch to its hash chain."""

    owner_id: str
    owner_name: str
    rng: random.Random
    chain: Chain

    def write(self, user: Values, history: History, former_name: Name) -> list[Trace]:
        """Return the trail of `user`, whose values are those after all changes."""
        first: Values = {name: user[name] for name in AUDITED_FIELDS}
        edit = self._edit(first, former_name) if history.edited else {}
        first |= {name: before for name, (before, _after) in edit.items()}
        created: Changes = {name: [None, value] for name, value in first.items() if value}
        if user["password_hash"]:
            created["password"] = [None, "changed"]
        trail = [self._record(Action.USER_CREATED, history.created, user, created)]
        if history.edited and edit:
            trail.append(self._record(Action.USER_UPDATED, history.edited, user, edit))
        if history.deactivated:
            status: Changes = {"status": ["active", "deactivated"]}
            trail.append(self._record(Action.USER_DEACTIVATED, history.deactivated, user, status))
        return trail

    def _edit(self, values: Values, former_name: Name) -> Changes:
        """Return an edit that led to these values. Empty if the value before is the same."""
        field = self.rng.choice(("name", "name", "email", "username", "theme"))
        before = {
            "name": former_name.full,
            "email": str(values["email"]).replace("@", "@old."),
            "username": None,
            "theme": "light",
        }[field]
        return {field: [before, values[field]]} if before != values[field] else {}

    def _record(self, action: Action, at: datetime, user: Values, changes: Changes) -> Trace:
        rng = self.rng
        imported = action == Action.USER_CREATED and rng.random() < IMPORTED
        details = (
            "hr · command line" if imported else self.owner_name,
            user["name"] or "",
            "" if imported else f"192.0.2.{rng.getrandbits(7)}",
            compact_json(changes),
            "",
            f"{rng.getrandbits(128):032x}",
        )
        hashed = (
            uuid7_hex(at, rng.getrandbits),
            timestamp(at),
            action.value,
            ActorKind.COMMAND.value if imported else ActorKind.USER.value,
            None if imported else self.owner_id,
            None,
            "user",
            user["id"],
            "" if imported else f"{rng.getrandbits(64):016x}",
            list(changes),
            None,
            None,
        )
        return self.chain.append(hashed, details)


def head_row(chain: Chain) -> Row:
    """Return the values of HEAD_COLUMNS."""
    return chain.shard, chain.seq, chain.hash
