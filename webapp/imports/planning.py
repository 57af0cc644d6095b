"""Plans the rows of a chunk: what would become of each, and why some are not imported.

New users are checked together by `check_new_users`, which also applies the plan. Updates are a dry run of the services
that apply them (`bulk.attempts`). So the plan knows every rule and every refusal (docs/decisions/0006).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import partial
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from webapp.audit.services import Changes
from webapp.bulk.attempts import (
    CHUNK_SECONDS,
    DRY_RUN_REASON,
    RollBack,
    next_plan_hash,
    preview_recorded,
    stored_changes,
)
from webapp.bulk.models import Outcome as Attempt
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.copying import insert_many
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.drafts import Draft, draft_row
from webapp.imports.lookups import key_hash, look_up, numbers_of_keys
from webapp.imports.models import Import, ImportKey, ImportRow, Mode, Outcome
from webapp.imports.outcomes import count_outcomes
from webapp.imports.rows import PersonRow
from webapp.imports.updating import change_people, change_person, lock_for_changes
from webapp.users.creating_many import CheckedUser, check_new_users
from webapp.users.models import User

_COLUMNS = ("import_id", "number", "outcome", "user_id", "label", "message", "values", "secret", "manager", "changes")


def plan_rows(imported: Import, rows: Sequence[PersonRow], *, by: Actor) -> int:
    """Add the next rows of the file to the plan. Return how many: not all if updates take longer than a chunk may."""
    by = replace(by, reason=DRY_RUN_REASON)
    lookups = look_up(imported, rows, by=by)
    zone = _zone_of(by)
    drafts = [draft_row(row, lookups, Mode(imported.mode), zone) for row in rows]
    _check_new(drafts, by=by)
    _refuse_repeated(imported, drafts)
    planned = drafts[: _preview_updates(imported, drafts, by=by)]
    save_drafts(imported, planned)
    imported.planned_upto += len(planned)
    return len(planned)


def save_drafts(imported: Import, drafts: Sequence[Draft]) -> None:
    """Insert the rows of the plan, count them and continue the plan hash."""
    connection = db.session.connection()
    rows = [
        (imported.id, d.number, d.outcome.value, d.user_id, d.label, d.message, d.values or None, d.secret, d.manager,
         d.changes)
        for d in drafts
    ]  # fmt: skip
    insert_many(connection, cast(Table, ImportRow.__table__), _COLUMNS, rows)
    keys = {key: draft.number for draft in reversed(drafts) if draft.outcome != Outcome.REFUSED for key in draft.keys}
    key_rows = [(imported.id, key, number) for key, number in keys.items()]
    insert_many(connection, cast(Table, ImportKey.__table__), ("import_id", "hash", "number"), key_rows)
    for draft in drafts:
        parts: list[Any] = [draft.number, draft.outcome, draft.values, draft.manager, draft.changes]
        imported.plan_hash = next_plan_hash(imported.plan_hash, *parts)
    count_outcomes(imported, Counter(draft.outcome for draft in drafts))


def _check_new(drafts: Sequence[Draft], *, by: Actor) -> None:
    created = [draft for draft in drafts if draft.new]
    for draft, checked in zip(created, check_new_users([d.new for d in created if d.new], by=by), strict=True):
        if isinstance(checked, CheckedUser):
            draft.keys |= _keys_of(checked)
        else:
            draft.refuse(checked)


def _keys_of(user: CheckedUser) -> dict[int, str]:
    keys = {key_hash("email", user.columns["email_key"]): str(_("e-mail address"))}
    if user.columns["username_key"]:
        keys[key_hash("username", user.columns["username_key"])] = str(_("username"))
    for unique in user.values.unique_values:
        keys[key_hash(unique.attribute_id, unique.value_key)] = unique.label
    return keys


def _refuse_repeated(imported: Import, drafts: Sequence[Draft]) -> None:
    """Refuse rows that have a key of an earlier row that is not refused."""
    earlier = numbers_of_keys(imported, {key for draft in drafts for key in draft.keys})
    for draft in drafts:
        repeated = next((key for key in draft.keys if key in earlier), None)
        if repeated is not None:
            values = {"row": earlier[repeated], "key": draft.keys[repeated]}
            draft.refuse(str(_("Row %(row)s has the same %(key)s", **values)))
        elif draft.outcome != Outcome.REFUSED:
            earlier |= dict.fromkeys(draft.keys, draft.number)


def _preview_updates(imported: Import, drafts: Sequence[Draft], *, by: Actor) -> int:
    """Add to each update what the services would record. Return how many drafts are ready when the time is over."""
    started, ready = time.monotonic(), 0
    known = _preview_together(drafts, by=by)
    with suppress(RollBack), transaction():
        lock_for_changes(draft.values for draft in drafts if draft.outcome == Outcome.UPDATE)
        for draft in drafts:
            if draft.outcome == Outcome.UPDATE and draft.user_id in known:
                draft.changes = known[draft.user_id]
            elif draft.outcome == Outcome.UPDATE and draft.user_id:
                if ready and time.monotonic() - started > CHUNK_SECONDS:
                    break
                change = partial(change_person, draft.user_id, draft.values, by=by)
                _keep_preview(draft, preview_recorded(imported.id, change))
            ready += 1
        raise RollBack
    return ready


def _preview_together(drafts: Sequence[Draft], *, by: Actor) -> dict[UUID | None, list[dict[str, Any]]]:
    """Return what would be recorded about the people whose changes need few checks."""
    values = {draft.user_id: draft.values for draft in drafts if draft.outcome == Outcome.UPDATE and draft.user_id}
    known: dict[UUID | None, list[dict[str, Any]]] = {}

    def keep(user_id: UUID, changes: Changes) -> bool:
        known[user_id] = stored_changes(changes)
        return True

    with suppress(RollBack), transaction():
        change_people(values, by=by, accept=keep)
        raise RollBack
    return known


def _keep_preview(draft: Draft, result: Any) -> None:
    if result.outcome == Attempt.REFUSED:
        draft.refuse(result.message)
    elif result.outcome == Attempt.SAME and not draft.manager:
        draft.outcome, draft.values = Outcome.UNCHANGED, {}
    else:
        draft.changes = result.changes


def _zone_of(by: Actor) -> tzinfo:
    user = db.session.get(User, by.id) if by.id else None
    return ZoneInfo(user.timezone) if user and user.timezone else UTC
