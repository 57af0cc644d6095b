"""Counts the people of all groups in one pass over the memberships, for the job `groups.count`.

A chunk reads the memberships of the next people and adds them to the totals of the groups. Memberships are read in the
order of people, so that somebody who is in several groups of one tree counts once in the groups above them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import String, cast, delete, insert, select

from webapp.access.models import DEPTH_MAX, Group, Membership, active_at
from webapp.core.clock import now
from webapp.db.session import db
from webapp.groups.models import GroupCount
from webapp.users.models import User

# Memberships of a chunk. Those of one person are scattered, so PostgreSQL reads the whole table for each chunk.
CHUNK_SIZE = 250_000
# IDs are read as text, because making a million UUID objects takes as long as the rest of the count.
_GROUP_ID = cast(Group.id, String)
_PARENT_ID = cast(Group.parent_id, String)


class Tally(NamedTuple):
    """The people counted so far, in groups in the order of their IDs, up to `last_group`.

    Later groups are missing until the next count. `after` is the last person; if it is None, all people are counted.
    """

    direct: list[int]
    total: list[int]
    last_group: UUID | None
    after: UUID | None

    @property
    def as_json(self) -> dict[str, Any]:
        return {name: value.hex if isinstance(value, UUID) else value for name, value in self._asdict().items()}


def tally_from_json(saved: Any) -> Tally | None:
    """Return None if the job was started by an older version, whose checkpoint was the ID of a group."""
    if not isinstance(saved, dict):
        return None
    ids = {name: UUID(saved[name]) if saved[name] else None for name in ("last_group", "after")}
    return Tally(saved["direct"], saved["total"], **ids)


class _Tree(NamedTuple):
    """`above` has for each group that is not deleted the positions of itself and of the groups above it."""

    ids: list[str]
    above: dict[str, tuple[int, ...]]


def count_next(tally: Tally | None) -> Tally:
    """Add the people of the next chunk."""
    tree = _read_tree(tally.last_group if tally else None)
    if tally is None or len(tally.direct) != len(tree.ids):
        tally = Tally([0] * len(tree.ids), [0] * len(tree.ids), UUID(tree.ids[-1]) if tree.ids else None, None)
    last = _end_of_chunk(tally.after)
    for group_ids in _groups_of_people(tally.after, last):
        paths = [path for group_id in group_ids if (path := tree.above.get(group_id))]
        for path in paths:
            tally.direct[path[0]] += 1
        for position in paths[0] if len(paths) == 1 else set().union(*paths):
            tally.total[position] += 1
    return tally._replace(after=last)


def store(tally: Tally) -> None:
    """Replace the stored sizes of all groups."""
    tree, moment = _read_tree(tally.last_group), now()
    rows = [
        {"group_id": UUID(group_id), "direct": tally.direct[path[0]], "total": tally.total[path[0]], "at": moment}
        for group_id, path in tree.above.items()
    ]
    db.session.execute(delete(GroupCount))
    if rows:
        db.session.execute(insert(GroupCount), rows)


def _read_tree(last_group: UUID | None) -> _Tree:
    """Read the groups up to this ID, also deleted ones, which keep the positions of the others."""
    query = select(_GROUP_ID, _PARENT_ID, Group.deleted_at.is_(None)).order_by(Group.id)
    rows: Sequence[Any] = db.session.execute(query.where(Group.id <= last_group) if last_group else query).all()
    position = {row[0]: number for number, row in enumerate(rows)}
    parents = {group_id: parent_id for group_id, parent_id, live in rows if live}
    return _Tree(list(position), {group_id: tuple(_path(group_id, parents, position)) for group_id in parents})


def _path(group_id: str | None, parents: dict[str, str | None], position: dict[str, int]) -> Iterator[int]:
    """Yield the position of the group and of those above it, up to the top or a deleted group."""
    for _level in range(DEPTH_MAX):
        if group_id not in parents:
            return
        yield position[group_id]
        group_id = parents[group_id]


def _end_of_chunk(after: UUID | None) -> UUID | None:
    """Return the last person of the next chunk, None if it contains all other people."""
    query = select(Membership.user_id).where(Membership.user_id.is_not(None)).order_by(Membership.user_id)
    query = query.where(Membership.user_id > after) if after else query
    return db.session.scalar(query.offset(CHUNK_SIZE - 1).limit(1))


def _groups_of_people(after: UUID | None, last: UUID | None) -> Iterator[set[str]]:
    """Yield the groups of each of these people. Deleted people do not count: there are few, the bin is emptied."""
    people = [Membership.user_id > after] if after else []
    people += [Membership.user_id <= last] if last else []
    deleted = select(User.id).where(User.deleted_at.is_not(None))
    query = (
        select(cast(Membership.user_id, String), cast(Membership.group_id, String))
        .where(*people, active_at(Membership, now()), Membership.user_id.not_in(deleted))
        .order_by(Membership.user_id)
    )
    for _user_id, rows in groupby(db.session.execute(query), key=lambda row: row[0]):
        yield {row[1] for row in rows}
