"""The only entry point to merging two accounts, and to taking a merge back. See docs/design/duplicates.md.

The merged account goes to the bin unchanged. What the kept account takes from it goes through the services of each
package, so that all their checks apply. All records of a merge have one batch ID, that of its `UserMerge`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from webapp.access.checks import check_user_action, lock_owners
from webapp.attributes.models import FIELD_PREFIX
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.queries import records_of_batch
from webapp.audit.services import Changes, grouped_changes, record
from webapp.audit.undo import undo_batch
from webapp.bin.services import delete_user
from webapp.core.clock import now
from webapp.core.errors import Deleted, Forbidden, Gone, Invalid, Stale
from webapp.core.ids import new_id
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.duplicates.models import UserMerge
from webapp.duplicates.moving import copy_access, move_references, people_referring_to
from webapp.notes.services import move_notes
from webapp.photos.services import copy_photo
from webapp.users.models import User
from webapp.users.queries import former_identities
from webapp.users.services import (
    FormerName,
    add_former_names,
    former_name_ids,
    lock_user,
    remove_former_names,
    update_user,
)

PHOTO = "photo"
# Fields of users whose value can come from the merged account. The dates of access stay those of the kept one.
FIELDS = ("name", "email", "username", "locale", "timezone")
PERMISSIONS = (Permission.USERS_EDIT, Permission.USERS_DELETE)
ALREADY_CHANGED = _("Someone else changed or merged one of these users meanwhile. Compare them again.")


@dataclass(frozen=True)
class MergeChoices:
    """What the kept account takes from the merged one.

    `take` has names of FIELDS, `photo` and `attributes.<key>`. None for `grant_ids` and `membership_ids` means all.
    """

    take: frozenset[str] = frozenset()
    grant_ids: frozenset[UUID] | None = None
    membership_ids: frozenset[UUID] | None = None
    attributes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        keys = {name.removeprefix(FIELD_PREFIX) for name in self.take if name.startswith(FIELD_PREFIX)}
        unknown = self.take - {*FIELDS, PHOTO, *(FIELD_PREFIX + key for key in keys)}
        if unknown:
            raise Invalid(_("There is no field “%(name)s”", name=min(unknown)[:40]), field="take", code="unknown")
        object.__setattr__(self, "attributes", frozenset(keys))


def merge_users(
    kept_id: UUID,
    merged_id: UUID,
    *,
    by: Actor,
    choices: MergeChoices,
    versions: tuple[int | None, int | None] = (None, None),
) -> UserMerge:
    """Merge an account into another one, and move it to the bin.

    `versions` are those of the kept and of the merged user that the actor saw. Raise Stale if they differ, Invalid,
    Deleted, NotFound, Taken, or Forbidden if `by` may not make one of the changes.
    """
    if kept_id == merged_id:
        raise Invalid(_("Choose two different users"), field="merged_id", code="same")
    referring = people_referring_to(merged_id, by=by)
    with transaction():
        kept, merged = _lock(kept_id, merged_id)
        _check(kept, merged, versions, by=by)
        merge = UserMerge(id=new_id(), kept_id=kept_id, merged_id=merged_id, note_ids=[], former_ids=[])
        with grouped_changes(batch_id=merge.id):
            _merge(merge, kept, merged, choices, referring, by=by)
        # Outside the group: the record of the kept account is the one that is undone.
        kept_by = {"kept_user": (None, _label(kept)), "kept_user_id": (None, str(kept_id))}
        record(Action.MERGE_REMOVED, subject=merged, by=by, changes=kept_by)
        db.session.add(merge)
        db.session.flush()
    return merge


def _lock(kept_id: UUID, merged_id: UUID) -> tuple[User, User]:
    """Lock both users in the order of their IDs, so that two merges of one pair do not wait for each other."""
    lock_owners()
    users = {user_id: lock_user(user_id, deleted=True) for user_id in sorted([kept_id, merged_id])}
    return users[kept_id], users[merged_id]


def _check(kept: User, merged: User, versions: tuple[int | None, int | None], *, by: Actor) -> None:
    check_merge(by, kept.id, merged.id)
    if merged.id == by.id:
        raise Forbidden(_("You cannot delete your own account by a merge. Keep it, and merge the other one."))
    for user, version in zip((kept, merged), versions, strict=True):
        if version is not None and version != user.version:
            raise Stale(ALREADY_CHANGED)
        if user.deleted_at:
            raise Deleted(_("This user is deleted. Restore them first."))


def check_merge(by: Actor, *user_ids: UUID) -> None:
    """Check that `by` may edit and delete these people."""
    for user_id in user_ids:
        for permission in PERMISSIONS:
            check_user_action(by, permission, user_id=user_id)


def _merge(
    merge: UserMerge, kept: User, merged: User, choices: MergeChoices, referring: Collection[Any], *, by: Actor
) -> None:
    before = former_name_ids(kept.id)
    former = _names_of(kept)[:1] + _names_of(merged)
    former += [FormerName(row.kind, row.value, row.key, row.until) for row in former_identities(merged.id)]
    label = _label(merged)
    counts = copy_access(merged.id, kept.id, choices.grant_ids, choices.membership_ids, by=by)
    if PHOTO in choices.take:
        copy_photo(merged.id, kept.id, by=by)
    counts["moved_references"] = move_references(referring, merged.id, kept.id, by=by)
    fields = _fields_of(merged, choices)
    delete_user(merged.id, by=by)
    # Now the kept account can take unique values.
    if fields:
        update_user(kept.id, **fields, by=by)
    merged.merged_into_id = kept.id
    add_former_names(kept, former)
    merge.former_ids = sorted(map(str, former_name_ids(kept.id) - before))
    merge.note_ids = [str(each) for each in move_notes(merged.id, kept.id)]
    counts["moved_notes"] = len(merge.note_ids)
    changes: Changes = {"merged_user": (None, label), "merged_user_id": (None, str(merged.id))}
    changes |= {name: (None, str(number)) for name, number in counts.items() if number}
    record(Action.MERGE_KEPT, subject=kept, by=by, changes=changes)


def _fields_of(merged: User, choices: MergeChoices) -> dict[str, Any]:
    """Return the values that the kept account takes, as keyword arguments of `update_user`."""
    fields: dict[str, Any] = {name: getattr(merged, name) for name in FIELDS if name in choices.take}
    if choices.attributes:
        fields["attributes"] = {key: merged.attributes.get(key) for key in choices.attributes}
    return fields


def _names_of(user: User) -> list[FormerName]:
    """Return the name, e-mail address and username of a user as former names."""
    moment = now()
    names = [FormerName("name", user.name, user.name_key, moment)]
    names.append(FormerName("email", user.email, user.email_key, moment))
    if user.username and user.username_key:
        names.append(FormerName("username", user.username, user.username_key, moment))
    return names


def _label(user: User) -> str:
    return f"{user.name} ({user.email})"


@transaction()
def undo_merge(batch_id: UUID, record_id: UUID, *, by: Actor) -> None:
    """Take back a merge completely: `record_id` is its record of the kept account. All or nothing.

    Raise Gone if the merged account was erased, Stale if one of the changes was changed again later.
    """
    merge = get_merge(batch_id)
    kept, merged = _lock(merge.kept_id, merge.merged_id)
    check_merge(by, kept.id, merged.id)
    known = former_name_ids(kept.id) - {UUID(each) for each in merge.former_ids}
    undo_batch(batch_id, by=by, besides=record_id)
    move_notes(merge.kept_id, merge.merged_id, only=[UUID(each) for each in merge.note_ids])
    # Undoing a new e-mail address makes it a former one, which here it never was.
    remove_former_names(kept, former_name_ids(merge.kept_id) - known)
    for user in (kept, merged):
        record(Action.MERGE_UNDONE, subject=user, by=by, changes={"merged_user_id": (str(merge.merged_id), None)})
    db.session.delete(merge)
    db.session.flush()


def get_merge(batch_id: UUID) -> UserMerge:
    """Return the merge. Raise Gone if one of its accounts was erased, or if it was taken back."""
    merge = db.session.get(UserMerge, batch_id, populate_existing=True)
    if merge is None:
        raise Gone(_("This merge can no longer be undone"))
    return merge


def record_of_merge(merge: UserMerge) -> AuditRecord:
    """Return the record that takes back the whole merge when it is undone: the last one of the batch."""
    return records_of_batch(merge.id, 1)[0]
