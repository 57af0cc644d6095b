"""Preview, apply or undo one chunk of a bulk change within one transaction (see `attempts`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Row, update

from webapp.bulk.actions import ACTIONS
from webapp.bulk.attempts import (
    DRY_RUN_REASON,
    Result,
    RollBack,
    apply_recorded,
    in_time,
    next_plan_hash,
    preview_recorded,
    undo_recorded,
)
from webapp.bulk.models import BulkChange, BulkItem, Outcome
from webapp.bulk.queries import items_to_apply, items_to_preview, items_to_undo
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.types import compact_json


class Chunk(NamedTuple):
    """How many people a chunk handled, and whether people are left."""

    number: int
    has_more: bool


def preview_chunk(bulk: BulkChange, *, by: Actor, limit: int) -> Chunk:
    """Preview the next people, each after the changes of those before."""
    found = items_to_preview(bulk, limit)
    results: list[Result] = []
    with suppress(RollBack), transaction():
        previewer = replace(by, reason=DRY_RUN_REASON)
        results = [preview_recorded(bulk.id, _change(bulk, item, previewer)) for item in in_time(found)]
        raise RollBack
    for item, result in zip(found, results, strict=False):
        parts = [item.number, item.user_id.hex, result.outcome, result.changes]
        bulk.plan_hash = next_plan_hash(bulk.plan_hash, *parts)
        bulk.planned_upto = item.number
    return _save_results(bulk, found, results, previous=None, limit=limit)


def apply_chunk(bulk: BulkChange, *, by: Actor, limit: int) -> Chunk:
    """Change the next people of the preview."""
    found = items_to_apply(bulk, limit)
    results = [apply_recorded(bulk.id, _change(bulk, item, by), previewed=item.changes) for item in in_time(found)]
    return _save_results(bulk, found, results, previous=Outcome.CHANGE, limit=limit)


def undo_chunk(bulk: BulkChange, *, by: Actor, limit: int) -> Chunk:
    """Undo the changes of the people who were changed last."""
    found = items_to_undo(bulk, limit)
    results = [undo_recorded(bulk.undo_id, item.record_ids, changes=item.changes, by=by) for item in in_time(found)]
    return _save_results(bulk, found, results, previous=Outcome.DONE, limit=limit)


def first_plan_hash(bulk: BulkChange) -> str:
    """Return the hash of a preview without people: the action and its argument."""
    return sha256(compact_json([bulk.id.hex, bulk.action, bulk.argument]).encode()).hexdigest()


def _change(bulk: BulkChange, item: Row[Any], by: Actor) -> Any:
    return partial(ACTIONS[bulk.action].change, item.user_id, bulk.argument, by)


def _save_results(
    bulk: BulkChange, found: Sequence[Row[Any]], results: Sequence[Result], *, previous: Outcome | None, limit: int
) -> Chunk:
    """Save and count the results of the first people of `found`, which has at most `limit`.

    `previous` is the outcome under which these people were counted before.
    """
    keys = ({"bulk_id": bulk.id, "number": item.number} for item in found)
    if rows := [key | asdict(result) for key, result in zip(keys, results, strict=False)]:
        db.session.execute(update(BulkItem), rows)
    counts = Counter(bulk.counts)
    counts.update(result.outcome.value for result in results)
    if previous is not None:
        counts[previous.value] -= len(results)
    bulk.counts = {outcome: number for outcome, number in counts.items() if number}
    return Chunk(len(results), has_more=len(found) == limit or len(results) < len(found))
