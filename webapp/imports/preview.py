"""The steps of a preview: the rows of the file, managers who are in the file, and people whom the file lacks."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import update

from webapp.access.checks import powers_of_actor
from webapp.bulk.attempts import DRY_RUN_REASON, RollBack, in_time, next_plan_hash, preview_recorded
from webapp.bulk.models import Outcome as Attempt
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import remove_time_limit, transaction
from webapp.imports.drafts import Draft
from webapp.imports.lookups import key_hash
from webapp.imports.models import Import, ImportRow, Mode, Outcome, State, Step
from webapp.imports.outcomes import count_outcomes
from webapp.imports.planning import plan_rows, save_drafts
from webapp.imports.queries import (
    count_of,
    created_hashes,
    has_unread_rows,
    last_number,
    missing_people,
    people_with_access,
    rows_with_manager,
)
from webapp.imports.sources import RowSource
from webapp.users.identity import parse_email
from webapp.users.models import User
from webapp.users.services import deactivate_user

ROWS_PER_CHUNK = 500
MANAGERS_PER_CHUNK = 2000
MISSING_PER_CHUNK = 100


def preview_step(imported: Import, source: RowSource | None, *, by: Actor) -> bool:
    """Plan one chunk of a locked import. Return whether there is another one; otherwise its state is PLANNED.

    Step.ROWS needs a `source`.
    """
    match Step(imported.step):
        case Step.ROWS if source:
            has_more = _plan_rows(imported, source, by=by)
        case Step.MANAGERS:
            has_more = _check_managers(imported)
        case Step.MISSING:
            has_more = _plan_missing(imported, by=by)
        case Step.ROWS:
            raise ValueError("Step.ROWS needs a source.")
    if has_more:
        return True
    steps = [Step.ROWS, Step.MANAGERS, *([Step.MISSING] if imported.mode == Mode.MATCH else [])]
    following = steps[steps.index(Step(imported.step)) + 1 :]
    if following:
        imported.step = following[0]
        return True
    imported.step, imported.state = Step.ROWS, State.PLANNED
    return False


def _plan_rows(imported: Import, source: RowSource, *, by: Actor) -> bool:
    rows = source.take(ROWS_PER_CHUNK)
    number = plan_rows(imported, rows, by=by) if rows else 0
    source.give_back(rows[number:])
    imported.total = imported.planned_upto
    return len(rows) == ROWS_PER_CHUNK or number < len(rows)


def _check_managers(imported: Import) -> bool:
    """Refuse the rows whose manager neither exists nor is created by the file."""
    outcomes = (Outcome.CREATE, Outcome.UPDATE)
    rows = rows_with_manager(imported, outcomes, after=imported.managers_upto, limit=MANAGERS_PER_CHUNK)
    hashes = {row.number: _email_hash(row.manager) for row in rows}
    known = created_hashes(imported.id, {each for each in hashes.values() if each is not None})
    for row in rows:
        if hashes[row.number] not in known:
            _refuse_row(imported, row.number, str(_("The manager %(email)s does not exist", email=row.manager)))
    if rows:
        imported.managers_upto = rows[-1].number
    return len(rows) == MANAGERS_PER_CHUNK


def _email_hash(text: str) -> int | None:
    try:
        return key_hash("email", parse_email(text)[1])
    except Invalid:
        return None


def _refuse_row(imported: Import, number: int, message: str) -> None:
    row = db.session.get_one(ImportRow, (imported.id, number))
    count_outcomes(imported, Counter([Outcome.REFUSED]), removed=Counter([Outcome(row.outcome)]))
    user_id = None if row.outcome == Outcome.CREATE else row.user_id
    refused = {"outcome": Outcome.REFUSED, "user_id": user_id, "message": message}
    refused |= dict.fromkeys(("secret", "manager", "changes"))
    this = (ImportRow.import_id == imported.id, ImportRow.number == number)
    db.session.execute(update(ImportRow).where(*this).values(refused))
    imported.plan_hash = next_plan_hash(imported.plan_hash, number, Outcome.REFUSED)


def _plan_missing(imported: Import, *, by: Actor) -> bool:
    """Plan to deactivate the next people whom the file lacks, unless there are too many."""
    powers = powers_of_actor(by)
    reaches = [powers.reach(Permission.USERS_READ), powers.reach(Permission.USERS_DEACTIVATE)]
    query = missing_people(imported, reaches=reaches)
    if imported.missing_upto is None:
        remove_time_limit()
        imported.in_scope = count_of(people_with_access(imported, reaches=reaches))
        imported.missing = count_of(query)
        # A row that cannot be read may be about one of them.
        if imported.is_over_threshold or has_unread_rows(imported):
            return False
    else:
        query = query.where(User.id > imported.missing_upto)
    return _plan_next_missing(imported, query, by=replace(by, reason=DRY_RUN_REASON))


def _plan_next_missing(imported: Import, query: Any, *, by: Actor) -> bool:
    people = db.session.execute(query.order_by(User.id).limit(MISSING_PER_CHUNK)).all()
    drafts: list[Draft] = []
    with suppress(RollBack), transaction():
        for number, person in enumerate(in_time(people), last_number(imported) + 1):
            result = preview_recorded(imported.id, partial(deactivate_user, person.id, by=by))
            is_refused = result.outcome == Attempt.REFUSED
            outcome = Outcome.REFUSED if is_refused else Outcome.DEACTIVATE
            drafts.append(Draft(number, person.email, {}, outcome, person.id, result.message, changes=result.changes))
        raise RollBack
    save_drafts(imported, drafts)
    imported.total += len(drafts)
    if drafts:
        imported.missing_upto = drafts[-1].user_id
    return len(drafts) < len(people) or len(people) == MISSING_PER_CHUNK
