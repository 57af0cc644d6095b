"""Preview, apply or undo the change of one person. Bulk changes and imports share this.

The preview is a dry run: it calls the services that apply the change, keeps what they record, and rolls everything
back. It therefore knows every rule and every refusal. Applying calls the services again and skips people whose result
differs from the preview.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from webapp.audit.services import Changes, grouped_changes
from webapp.audit.undo import undo_change
from webapp.bulk.models import Outcome
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.db.types import compact_json

# People enter a reason when they apply the change. The dry run needs one where a reason is required.
DRY_RUN_REASON = "preview"
CHUNK_SECONDS = 0.5

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """The result for one person. `changes` and `record_ids` have one element for each audit record."""

    outcome: Outcome
    message: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    record_ids: list[str] = field(default_factory=list)


class RollBack(Exception):
    """Ends a dry run."""


class _DiffersFromPreview(Exception):
    """The result of a person is not the one of the preview."""


def in_time(items: Sequence[T]) -> Iterator[T]:
    """Yield items until CHUNK_SECONDS are over, at least one.

    Others wait for the locks of a chunk, among them the lock of all changes of owners, for at most `lock_timeout`.
    """
    started = time.monotonic()
    for item in items:
        yield item
        if time.monotonic() - started > CHUNK_SECONDS:
            return


def preview_recorded(batch_id: UUID, change: Callable[[], object]) -> Result:
    """Return what `change` would record. The caller rolls the transaction back."""
    try:
        with transaction(), grouped_changes(batch_id=batch_id) as group:
            change()
    except Refused as error:
        return Result(Outcome.REFUSED, message_of(error))
    return Result(Outcome.CHANGE, changes=_without_ids(group.changes)) if group.changes else Result(Outcome.SAME)


def apply_recorded(batch_id: UUID, change: Callable[[], object], *, previewed: list[dict[str, Any]]) -> Result:
    """Call `change`. Undo it if it records something else than `previewed`."""
    try:
        with transaction(), grouped_changes(batch_id=batch_id) as group:
            change()
            _check_matches(group.changes, previewed)
    except _DiffersFromPreview:
        return Result(Outcome.OVERTAKEN, str(_("Changed since the preview, so skipped")))
    except Refused as error:
        return Result(Outcome.REFUSED, message_of(error))
    return Result(Outcome.DONE, changes=previewed, record_ids=[record_id.hex for record_id in group.record_ids])


def _check_matches(changes: Iterable[dict[str, Any]], previewed: list[dict[str, Any]]) -> None:
    if _without_ids(changes) != previewed:
        raise _DiffersFromPreview


def stored_changes(changes: Changes) -> list[dict[str, Any]]:
    """Return the changes of one record as `Result.changes` has them."""
    return _without_ids([{name: list(pair) for name, pair in changes.items()}])


def undo_recorded(
    undo_id: UUID | None, record_ids: Sequence[str], *, changes: list[dict[str, Any]], by: Actor
) -> Result:
    """Undo the records of one person, the last one first. All of them or none."""
    applied: Any = {"changes": changes, "record_ids": list(record_ids)}
    try:
        with transaction(), grouped_changes(batch_id=undo_id):
            for record_id in reversed(record_ids):
                undo_change(UUID(record_id), by=by)
    except Refused as error:
        return Result(Outcome.KEPT, message_of(error), **applied)
    return Result(Outcome.UNDONE, **applied)


def message_of(error: Refused) -> str:
    """Return all problems of the error in one text."""
    return "; ".join(str(problem.message) for problem in error.problems) or str(error)


def next_plan_hash(plan_hash: str, *parts: Any) -> str:
    """Chain the result of one person, so that the hash does not depend on the size of the chunks."""
    return sha256(compact_json([plan_hash, *parts]).encode()).hexdigest()


def _without_ids(changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the ids of new rows, because they differ each time."""
    return [{name: pair for name, pair in each.items() if not name.endswith("_id")} for each in changes]
