"""Applies one chunk of a plan, in one transaction: new users together, other changes one by one.

Everything is checked again. A row that no longer does what the preview says is left out, with the reason.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from webapp.attributes.values import TextInput
from webapp.audit.services import grouped_changes
from webapp.bulk.attempts import CHUNK_SECONDS, apply_recorded, in_time, message_of, stored_changes
from webapp.bulk.models import Outcome as Attempt
from webapp.core.errors import Refused, Taken
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.lookups import MANAGER
from webapp.imports.models import APPLIED_CHANGES, Import, Outcome, Step
from webapp.imports.outcomes import Done, count_outcomes, save_records, save_results, update_rows
from webapp.imports.queries import rows_in, rows_with_manager
from webapp.imports.row_values import arguments_of
from webapp.imports.secrets import Secret, hashed_secret
from webapp.imports.updating import change_people, change_person, lock_for_changes, set_manager
from webapp.users.changing_many import Accept, deactivate_users
from webapp.users.creating_many import CheckedUser, PlannedUser, check_new_users
from webapp.users.inserting import insert_users
from webapp.users.passwords import is_change_required
from webapp.users.queries import ids_of_identifiers
from webapp.users.services import deactivate_user

NEW_PER_CHUNK = 500
CHANGES_PER_CHUNK = 200


def apply_step(imported: Import, *, by: Actor) -> int | None:
    """Apply one chunk of a locked import. Return the number of rows, or None if nothing is left."""
    for outcome, apply in _STEPS.items():
        if imported.count(outcome):
            return apply(imported, by)
    return _set_managers(imported, by)


def _create(imported: Import, by: Actor) -> int:
    secrets = _hashed_secrets(rows_in(imported, Outcome.CREATE, NEW_PER_CHUNK))
    rows = [row for row, _secret in secrets]
    managers = ids_of_identifiers([row.manager for row in rows if row.manager]).keys()
    with grouped_changes(batch_id=imported.id):
        checked = check_new_users([_new_user(*each, managers) for each in secrets], by=by, locked=True)
        ready = [(row.number, user) for row, user in zip(rows, checked, strict=True) if isinstance(user, CheckedUser)]
        refused = insert_users([user for _number, user in ready], by=by)
    pairs = zip(rows, checked, strict=True)
    results = {row.number: _not_done(user) for row, user in pairs if isinstance(user, Refused)}
    results |= {ready[position][0]: _not_done(error) for position, error in refused.items()}
    _save_created(imported, [row for row in rows if row.number not in results], managers)
    save_results(imported, Outcome.CREATE, results)
    return len(rows)


def _hashed_secrets(rows: Sequence[Row[Any]]) -> list[tuple[Row[Any], Secret]]:
    """Return the first rows, whose passwords can be hashed within the time of a chunk, with the hashes."""
    started = time.monotonic()
    ready: list[tuple[Row[Any], Secret]] = []
    for row in rows:
        if row.secret and ready and time.monotonic() - started > CHUNK_SECONDS:
            break
        ready.append((row, hashed_secret(row.secret)))
    return ready


def _new_user(row: Row[Any], secret: Secret, managers: Any) -> PlannedUser:
    values: Mapping[str, Any] = row.values
    fields: dict[str, Any] = {"email": "", "name": "", "attributes": {}} | arguments_of(values)
    if row.manager in managers:
        fields["attributes"][MANAGER] = TextInput(row.manager)
    return PlannedUser(
        id=row.user_id,
        **fields,
        password_hash=secret.password_hash,
        must_change=secret.was_plain and is_change_required(),
        groups=[UUID(each) for each in values.get("groups", ())],
        roles=[(UUID(role), UUID(scope) if scope else None) for role, scope in values.get("roles", ())],
        deactivated=bool(values.get("deactivated")),
    )


def _not_done(error: Refused) -> Done:
    """Return the outcome of a refused row: OVERTAKEN if someone else has taken a value since the preview."""
    return Done(Outcome.OVERTAKEN if isinstance(error, Taken) else Outcome.REFUSED, message_of(error))


def _update(imported: Import, by: Actor) -> int:
    def together(rows: Sequence[Row[Any]], accept: Accept) -> dict[UUID, UUID]:
        lock_for_changes(row.values for row in rows)
        return change_people({row.user_id: row.values or {} for row in rows}, by=by, accept=accept)

    return _change_rows(
        imported, Outcome.UPDATE, together, lambda row: partial(change_person, row.user_id, row.values or {}, by=by)
    )


def _deactivate(imported: Import, by: Actor) -> int:
    def together(rows: Sequence[Row[Any]], accept: Accept) -> dict[UUID, UUID]:
        return deactivate_users([row.user_id for row in rows], by=by, accept=accept)

    return _change_rows(
        imported, Outcome.DEACTIVATE, together, lambda row: partial(deactivate_user, row.user_id, by=by)
    )


_DONE = {Outcome.UPDATE: Outcome.UPDATED, Outcome.DEACTIVATE: Outcome.DEACTIVATED}
_LEFT_OUT = {Attempt.OVERTAKEN: Outcome.OVERTAKEN, Attempt.REFUSED: Outcome.REFUSED}
Together = Callable[[Sequence[Row[Any]], Accept], dict[UUID, UUID]]


def _change_rows(
    imported: Import, outcome: Outcome, together: Together, change: Callable[[Row[Any]], Callable[[], object]]
) -> int:
    """Change the people of the next rows: those that need few checks `together`, the others with `change`."""
    rows = rows_in(imported, outcome, CHANGES_PER_CHUNK)
    previewed = {row.user_id: row.changes or [] for row in rows}
    with transaction(), grouped_changes(batch_id=imported.id):
        records = together(rows, lambda user_id, changes: stored_changes(changes) == previewed[user_id])
        db.session.flush()
    done = {row.number: row for row in rows if row.user_id in records}
    save_records(imported, {number: [records[row.user_id].hex] for number, row in done.items()}, _DONE[outcome])
    results: dict[int, Done] = {}
    for row in in_time([row for row in rows if row.number not in done]):
        result = apply_recorded(imported.id, change(row), previewed=row.changes or [])
        results[row.number] = Done(_LEFT_OUT.get(result.outcome, _DONE[outcome]), result.message, result.record_ids)
    save_results(imported, outcome, results)
    count_outcomes(imported, Counter({_DONE[outcome]: len(done)}), removed=Counter({outcome: len(done)}))
    return len(results) + len(done)


_STEPS: dict[Outcome, Callable[[Import, Actor], int]] = {
    Outcome.CREATE: _create,
    Outcome.UPDATE: _update,
    Outcome.DEACTIVATE: _deactivate,
}


def _set_managers(imported: Import, by: Actor) -> int | None:
    """Set the managers who were created after their people."""
    imported.step = Step.MANAGERS
    rows = rows_with_manager(imported, APPLIED_CHANGES, after=0, limit=CHANGES_PER_CHUNK)
    done = 0
    for row in in_time(rows):
        values: dict[str, Any] = {"manager": None}
        try:
            with transaction(), grouped_changes(batch_id=imported.id) as group:
                set_manager(row.user_id, row.manager, by=by)
            values["record_ids"] = [*(row.record_ids or []), *(each.hex for each in group.record_ids)]
        except Refused as error:
            values["message"] = str(
                _("The manager %(email)s was not set: %(why)s", email=row.manager, why=message_of(error))
            )
        update_rows(imported, [row.number], values)
        done += 1
    return done or None


def _save_created(imported: Import, rows: Sequence[Row[Any]], managers: Any) -> None:
    """Save the outcome of all new users of a chunk in one statement, because a large file has many."""
    linked = [row.number for row in rows if row.manager in managers]
    update_rows(imported, [row.number for row in rows], {"outcome": Outcome.CREATED, "secret": None})
    if linked:
        update_rows(imported, linked, {"manager": None})
    number = len(rows)
    count_outcomes(imported, Counter({Outcome.CREATED: number}), removed=Counter({Outcome.CREATE: number}))
