"""The steps of the job that finds likely pairs: write keys, pair people with the same key, delete old pairs.

Each step runs in the transaction of its chunk. Memory depends on the size of a chunk only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.core.ids import new_id
from webapp.db.copying import insert_many
from webapp.db.operators import in_ids
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import remove_time_limit
from webapp.db.upserts import insert_into
from webapp.duplicates.likeness import (
    PEOPLE_MAX,
    Account,
    Kind,
    compare,
    compared_attributes,
    facts_of,
    strength_of,
)
from webapp.duplicates.models import DuplicateKey, DuplicatePair
from webapp.users.models import User

KINDS = tuple(Kind)
# Keys are hashes of 63 bits, so equal ranges of them have about as many people.
KEYS_END = 1 << 63
# Pairs that are compared and saved together.
INSERTED = 2000


def delete_keys() -> None:
    remove_time_limit()
    db.session.execute(delete(DuplicateKey), execution_options=NO_SYNC)


def write_keys(*, after: UUID | None, limit: int) -> tuple[UUID | None, int]:
    """Write the keys of the next `limit` people by ID. Return the last ID, or None at the end, and their number."""
    attributes = compared_attributes(live_attributes())
    columns: list[Any] = [User.id, User.name_key, User.email_key, User.deleted_at]
    query = select(*columns, *([User.attributes] if attributes else [])).order_by(User.id).limit(limit)
    rows: Sequence[Any] = db.session.execute(query if after is None else query.where(User.id > after)).all()
    accounts = (Account(row[0], row[1], row[2], row[4] if attributes else {}) for row in rows if row[3] is None)
    keys = {(fact.kind.value, fact.key, account.id) for account in accounts for fact in facts_of(account, attributes)}
    table: Any = DuplicateKey.__table__
    insert_many(db.session.connection(), table, ("kind", "key", "user_id"), sorted(keys))
    return (rows[-1].id if len(rows) == limit else None), len(rows)


def find_pairs(run: int, kind: Kind, *, part: int, parts: int) -> int:
    """Save the pairs that share a key of this kind, in one of `parts` ranges of keys. Return their number."""
    remove_time_limit()
    attributes = compared_attributes(live_attributes())
    pairs = sorted(_candidates(kind, part=part, parts=parts))
    for start in range(0, len(pairs), INSERTED):
        _save(run, list(_compared(pairs[start : start + INSERTED], attributes)))
    return len(pairs)


def _candidates(kind: Kind, *, part: int, parts: int) -> set[tuple[UUID, UUID]]:
    start, end = KEYS_END * part // parts, KEYS_END * (part + 1) // parts - 1
    in_range = (DuplicateKey.kind == kind.value, DuplicateKey.key.between(start, end))
    # A window reads the range once. For a join of the range with its groups, PostgreSQL needs statistics of the table,
    # which the job has just filled: 10,000 people took 130 s.
    people = func.count().over(partition_by=DuplicateKey.key).label("people")
    counted = select(DuplicateKey.key, DuplicateKey.user_id, people).where(*in_range).subquery()
    shared = counted.c.people.between(2, PEOPLE_MAX[kind])
    query = select(counted.c.key, counted.c.user_id).where(shared).order_by(counted.c.key, counted.c.user_id)
    groups = groupby(db.session.execute(query), key=lambda row: row[0])
    return {pair for _key, rows in groups for pair in combinations(sorted(row[1] for row in rows), 2)}


def _compared(pairs: Sequence[tuple[UUID, UUID]], attributes: Sequence[Attribute]) -> Iterator[dict[str, Any]]:
    accounts = load_accounts({user_id for pair in pairs for user_id in pair})
    for one_id, other_id in pairs:
        if one_id not in accounts or other_id not in accounts:
            continue
        evidence = compare(accounts[one_id], accounts[other_id], attributes)
        if evidence:
            tokens = [each.token for each in evidence]
            yield {"one_id": one_id, "other_id": other_id, "strength": strength_of(evidence), "evidence": tokens}


def load_accounts(user_ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Return the accounts with these IDs outside the bin. One statement."""
    query = select(User.id, User.name_key, User.email_key, User.attributes)
    query = query.where(in_ids(User.id, list(user_ids)), User.deleted_at.is_(None))
    return {row[0]: Account(*row) for row in db.session.execute(query)}


def _save(run: int, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    rows = [{"id": new_id(), "run": run, "dismissed_evidence": [], **row} for row in rows]
    statement = insert_into(DuplicatePair)
    new = {name: statement.excluded[name] for name in ("strength", "evidence", "run")}
    update_old = statement.on_conflict_do_update(index_elements=["one_id", "other_id"], set_=new)
    db.session.connection().execute(update_old, rows)


def finish_run(run: int) -> int:
    """Delete pairs that this run did not find, and reopen dismissed ones with new evidence. Return the open pairs."""
    remove_time_limit()
    old = delete(DuplicatePair).where(DuplicatePair.run < run, DuplicatePair.dismissed_at.is_(None))
    db.session.execute(old, execution_options=NO_SYNC)
    columns = (DuplicatePair.id, DuplicatePair.evidence, DuplicatePair.dismissed_evidence)
    dismissed = select(*columns).where(DuplicatePair.dismissed_at.is_not(None), DuplicatePair.run == run)
    reopened = [row.id for row in db.session.execute(dismissed) if set(row.evidence) - set(row.dismissed_evidence)]
    if reopened:
        opened = update(DuplicatePair).where(in_ids(DuplicatePair.id, reopened)).values(dismissed_at=None)
        db.session.execute(opened, execution_options=NO_SYNC)
    delete_keys()
    query = select(func.count()).select_from(DuplicatePair).where(DuplicatePair.dismissed_at.is_(None))
    return db.session.scalar(query) or 0
