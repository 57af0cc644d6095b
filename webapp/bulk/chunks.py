"""Preview, apply or undo one chunk of a bulk change within one transaction.

The preview is a dry run: it calls the services that apply the change, keeps what they record, and rolls everything
back. It therefore knows every rule and every refusal. Applying calls the services again and skips people whose result
differs from the preview.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, update

from webapp.audit.services import grouped_changes
from webapp.audit.undo import undo_change
from webapp.bulk.actions import ACTIONS
from webapp.bulk.models import BulkChange, BulkItem, Outcome
from webapp.bulk.queries import items_to_apply, items_to_preview, items_to_undo
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.types import compact_json

# People enter a reason when they apply the change. The dry run needs one where a reason is required.
DRY_RUN_REASON = "preview"
CHUNK_SECONDS = 0.5


@dataclass(frozen=True)
class Result:
    """The result for one person. `changes` and `record_ids` have one element for each audit record."""

    outcome: Outcome
    message: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    record_ids: list[str] = field(default_factory=list)


class _RollBack(Exception):
    """Ends a dry run."""


class _DiffersFromPreview(Exception):
    """The result of a person is not the one of the preview."""


class Chunk(NamedTuple):
    """How many people a chunk handled, and whether people are left."""

    number: int
    has_more: bool


def preview_chunk(bulk: BulkChange, *, by: Actor, limit: int) -> Chunk:
    """Preview the next people, each after the changes of those before."""
    found = items_to_preview(bulk, limit)
    results: list[Result] = []
    with suppress(_RollBack), transaction():
        results = [_preview(bulk, item.user_id, by=replace(by, reason=DRY_RUN_REASON)) for item in _in_time(found)]
        raise _RollBack
    items = found[: len(results)]
    _save_results(bulk, items, results, previous=None)
    bulk.plan_hash = _next_plan_hash(bulk.plan_hash, items, results)
    if items:
        bulk.planned_upto = items[-1].number
    return Chunk(len(items), len(found) == limit or len(items) < len(found))


def apply_chunk(bulk: BulkChange, *, by: Actor, limit: int) -> Chunk:
    """Change the next people of the preview."""
    found = items_to_apply(bulk, limit)
    results = [_apply(bulk, item, by=by) for item in _in_time(found)]
    items = found[: len(results)]
    _save_results(bulk, items, results, previous=Outcome.CHANGE)
    return Chunk(len(items), len(found) == limit or len(items) < len(found))


def undo_chunk(bulk: BulkChange, *, by: Actor, limit: int) -> Chunk:
    """Undo the changes of the people who were changed last."""
    found = items_to_undo(bulk, limit)
    results = [_undo(bulk, item, by=by) for item in _in_time(found)]
    items = found[: len(results)]
    _save_results(bulk, items, results, previous=Outcome.DONE)
    return Chunk(len(items), len(found) == limit or len(items) < len(found))


def _in_time(items: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    """Yield items until CHUNK_SECONDS are over, at least one.

    Others wait for the locks of a chunk, among them the lock of all changes of owners, for at most `lock_timeout`.
    """
    started = time.monotonic()
    for item in items:
        yield item
        if time.monotonic() - started > CHUNK_SECONDS:
            return


def first_plan_hash(bulk: BulkChange) -> str:
    """Return the hash of a preview without people: the action and its argument."""
    return sha256(compact_json([bulk.id.hex, bulk.action, bulk.argument]).encode()).hexdigest()


def _preview(bulk: BulkChange, user_id: UUID, *, by: Actor) -> Result:
    try:
        with transaction(), grouped_changes(batch_id=bulk.id) as group:
            ACTIONS[bulk.action].change(user_id, bulk.argument, by)
    except Refused as error:
        return Result(Outcome.REFUSED, _message(error))
    return Result(Outcome.CHANGE, changes=_without_ids(group.changes)) if group.changes else Result(Outcome.SAME)


def _apply(bulk: BulkChange, item: Row[Any], *, by: Actor) -> Result:
    try:
        with transaction(), grouped_changes(batch_id=bulk.id) as group:
            ACTIONS[bulk.action].change(item.user_id, bulk.argument, by)
            _check_matches_preview(group.changes, item.changes)
    except _DiffersFromPreview:
        return Result(Outcome.OVERTAKEN, str(_("Changed since the preview, so skipped")))
    except Refused as error:
        return Result(Outcome.REFUSED, _message(error))
    return Result(Outcome.DONE, changes=item.changes, record_ids=[record_id.hex for record_id in group.record_ids])


def _check_matches_preview(changes: Iterable[dict[str, Any]], previewed: list[dict[str, Any]]) -> None:
    if _without_ids(changes) != previewed:
        raise _DiffersFromPreview


def _undo(bulk: BulkChange, item: Row[Any], *, by: Actor) -> Result:
    applied = {"changes": item.changes, "record_ids": item.record_ids}
    try:
        with transaction(), grouped_changes(batch_id=bulk.undo_id):
            for record_id in reversed(item.record_ids):
                undo_change(UUID(record_id), by=by)
    except Refused as error:
        return Result(Outcome.KEPT, _message(error), **applied)
    return Result(Outcome.UNDONE, **applied)


def _message(error: Refused) -> str:
    return "; ".join(str(problem.message) for problem in error.problems) or str(error)


def _without_ids(changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the ids of new rows, because they differ each time."""
    return [{name: pair for name, pair in each.items() if not name.endswith("_id")} for each in changes]


def _next_plan_hash(plan_hash: str, items: Sequence[Row[Any]], results: Sequence[Result]) -> str:
    """Chain the hashes of all people, so that the hash does not depend on the size of the chunks."""
    for item, result in zip(items, results, strict=True):
        text = compact_json([plan_hash, item.number, item.user_id.hex, result.outcome, result.changes])
        plan_hash = sha256(text.encode()).hexdigest()
    return plan_hash


def _save_results(
    bulk: BulkChange, items: Sequence[Row[Any]], results: Sequence[Result], *, previous: Outcome | None
) -> None:
    """Save and count the results. `previous` is the outcome under which these people were counted before."""
    if not items:
        return
    keys = ({"bulk_id": bulk.id, "number": item.number} for item in items)
    rows = [key | asdict(result) for key, result in zip(keys, results, strict=True)]
    db.session.execute(update(BulkItem), rows)
    counts = Counter(bulk.counts)
    counts.update(result.outcome.value for result in results)
    if previous is not None:
        counts[previous.value] -= len(items)
    bulk.counts = {outcome: number for outcome, number in counts.items() if number}
