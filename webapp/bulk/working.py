"""A piece of a bulk change, within one transaction: previewed, applied or undone. A request does all of a small one.

The preview is a rehearsal: the very services are called, what they record is noted, and all of it is rolled back. So
it refuses in the words in which they refuse, and knows of every rule that they know. Applying calls them once more and
keeps only what turns out as it was previewed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update

from webapp.audit.services import grouped_changes
from webapp.audit.undo import undo_change
from webapp.bulk.actions import VERBS
from webapp.bulk.models import BulkChange, BulkItem, Outcome
from webapp.bulk.queries import items_to_apply, items_to_plan, items_to_undo
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.types import compact_json

# A rehearsal has no reason yet; where one is asked for, it is given when the change is applied.
_REHEARSED = "preview"


@dataclass(frozen=True)
class Result:
    """What happened to one person, or would; `changes` and `record_ids` are those of each record."""

    outcome: Outcome
    words: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    record_ids: list[str] = field(default_factory=list)


class _Rehearsed(Exception):
    """All was tried; none of it stays."""


class _Overtaken(Exception):
    """It would turn out otherwise than it was previewed."""


def plan_part(bulk: BulkChange, *, by: Actor, limit: int) -> int:
    """Previews the next people: what would happen to each of them after those before; how many they were."""
    items = items_to_plan(bulk, limit)
    results: list[Result] = []
    with suppress(_Rehearsed), transaction():
        results = [_rehearsed(bulk, item.user_id, by=replace(by, reason=_REHEARSED)) for item in items]
        raise _Rehearsed
    _keep(bulk, items, results, before=None)
    bulk.plan_hash = _hash(bulk.plan_hash, items, results)
    if items:
        bulk.planned_upto = items[-1].number
    return len(items)


def apply_part(bulk: BulkChange, *, by: Actor, limit: int) -> int:
    """Changes the next people of the preview; how many they were."""
    items = items_to_apply(bulk, limit)
    results = [_applied(bulk, item, by=by) for item in items]
    _keep(bulk, items, results, before=Outcome.CHANGE)
    return len(items)


def undo_part(bulk: BulkChange, *, by: Actor, limit: int) -> int:
    """Takes back what happened to the last people who were changed; how many they were."""
    items = items_to_undo(bulk, limit)
    results = [_undone(bulk, item, by=by) for item in items]
    _keep(bulk, items, results, before=Outcome.DONE)
    return len(items)


def first_hash(bulk: BulkChange) -> str:
    """Of a preview of nobody yet: what is to be done."""
    return sha256(compact_json([bulk.id.hex, bulk.action, bulk.argument]).encode()).hexdigest()


def _rehearsed(bulk: BulkChange, user_id: UUID, *, by: Actor) -> Result:
    try:
        with transaction(), grouped_changes(batch_id=bulk.id) as group:
            VERBS[bulk.action].change(user_id, bulk.argument, by)
    except Refused as error:
        return Result(Outcome.REFUSED, words_of(error))
    return Result(Outcome.CHANGE, changes=_told(group.changes)) if group.changes else Result(Outcome.SAME)


def _applied(bulk: BulkChange, item: Row[Any], *, by: Actor) -> Result:
    try:
        with transaction(), grouped_changes(batch_id=bulk.id) as group:
            VERBS[bulk.action].change(item.user_id, bulk.argument, by)
            _check_told(group.changes, item.changes)
    except _Overtaken:
        return Result(Outcome.OVERTAKEN, str(_("Changed since the preview, so skipped")))
    except Refused as error:
        return Result(Outcome.REFUSED, words_of(error))
    return Result(Outcome.DONE, changes=item.changes, record_ids=[record_id.hex for record_id in group.record_ids])


def _undone(bulk: BulkChange, item: Row[Any], *, by: Actor) -> Result:
    told = {"changes": item.changes, "record_ids": item.record_ids}
    try:
        with transaction(), grouped_changes(batch_id=bulk.undo_id):
            for record_id in reversed(item.record_ids):
                undo_change(UUID(record_id), by=by)
    except Refused as error:
        return Result(Outcome.KEPT, words_of(error), **told)
    return Result(Outcome.UNDONE, **told)


def _check_told(told: Iterable[dict[str, Any]], planned: list[dict[str, Any]]) -> None:
    if _told(told) != planned:
        raise _Overtaken


def words_of(error: Refused) -> str:
    """Why, as people read it."""
    return "; ".join(str(problem.message) for problem in error.problems) or str(error)


def _told(changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is said of changes: ids of rows that are made on the way differ each time."""
    return [{name: pair for name, pair in each.items() if not name.endswith("_id")} for each in changes]


def _hash(plan_hash: str, items: Sequence[Row[Any]], results: Sequence[Result]) -> str:
    """A chain over everybody, in whatever pieces they come."""
    for item, result in zip(items, results, strict=True):
        text = compact_json([plan_hash, item.number, item.user_id.hex, result.outcome, result.changes])
        plan_hash = sha256(text.encode()).hexdigest()
    return plan_hash


def _keep(bulk: BulkChange, items: Sequence[Row[Any]], results: Sequence[Result], *, before: Outcome | None) -> None:
    """Writes what happened, and counts it: those who were counted as `before` are so no more."""
    if not items:
        return
    keys = ({"bulk_id": bulk.id, "number": item.number} for item in items)
    rows = [key | asdict(result) for key, result in zip(keys, results, strict=True)]
    db.session.execute(update(BulkItem), rows)
    counts = Counter(bulk.counts)
    counts.update(result.outcome.value for result in results)
    if before is not None:
        counts[before.value] -= len(items)
    bulk.counts = {outcome: number for outcome, number in counts.items() if number}
