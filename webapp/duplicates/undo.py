"""Undo of “not the same person” and of merges."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.errors import Gone
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.duplicates.merging import check_merge, get_merge, undo_merge
from webapp.duplicates.models import DuplicatePair
from webapp.duplicates.services import OTHER_ID, check_pair_access, dismiss_pair, reopen_pair
from webapp.users.queries import get_user


def _pair_of(record: AuditRecord, by: Actor) -> DuplicatePair:
    before, after = record.changes[OTHER_ID]
    one_id, other_id = sorted([record.subject_id, UUID(before or after)])
    query = select(DuplicatePair).where(DuplicatePair.one_id == one_id, DuplicatePair.other_id == other_id)
    pair = db.session.scalars(query).first()
    if pair is None:
        raise Gone(_("These users are no longer alike"))
    check_pair_access(by, pair)
    return pair


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    before, after = record.changes[OTHER_ID]
    return {OTHER_ID: (before or after) if _pair_of(record, by).dismissed_at else None}


def undo_dismissal(record: AuditRecord, by: Actor) -> None:
    reopen_pair(_pair_of(record, by).id, by=by)


def undo_reopening(record: AuditRecord, by: Actor) -> None:
    dismiss_pair(_pair_of(record, by).id, by=by)


def _current_merge(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """Return the recorded values as long as the merged account is in the bin because of the merge."""
    merge = get_merge(_batch_id(record))
    check_merge(by, merge.kept_id, merge.merged_id)
    is_merged = get_user(merge.merged_id).merged_into_id == merge.kept_id
    return {name: after if is_merged else None for name, (_before, after) in record.changes.items()}


def undo_merge_record(record: AuditRecord, by: Actor) -> None:
    undo_merge(_batch_id(record), record.id, by=by)


def _batch_id(record: AuditRecord) -> UUID:
    if record.batch_id is None:
        raise Gone(_("This merge can no longer be undone"))
    return record.batch_id


UNDOS = {
    Action.DUPLICATE_DISMISSED: Undo(Permission.USERS_EDIT, apply=undo_dismissal, current=_current),
    Action.DUPLICATE_REOPENED: Undo(Permission.USERS_EDIT, apply=undo_reopening, current=_current),
    Action.MERGE_KEPT: Undo(Permission.USERS_DELETE, apply=undo_merge_record, current=_current_merge, whole=True),
}
