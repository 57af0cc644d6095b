"""The only entry point to the bin: delete, restore and purge users."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update

from webapp.access.checks import check_owner_remains, check_user_action, lock_owners
from webapp.access.models import Membership, RoleGrant
from webapp.access.services import anonymise_access
from webapp.attributes.unique_values import delete_unique_values, restore_unique_values
from webapp.audit.actions import Action
from webapp.audit.archives import archived_before, archived_names_of
from webapp.audit.erasure import erase_details_of
from webapp.audit.queries import actor_labels_of, subjects_changed_by
from webapp.audit.services import Changes, record
from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.erasure import ErasureHooks, pseudonym_of
from webapp.core.errors import Forbidden, Refused, Stale
from webapp.core.ids import min_id_at
from webapp.core.permissions import Actor, Permission
from webapp.core.statuses import Status
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import transaction
from webapp.jobs.services import anonymise_requester
from webapp.mail.services import empty_subjects_with
from webapp.one_time_tokens.services import revoke_tokens
from webapp.users.changing_many import end_each, lock_for_end
from webapp.users.checks import UserChanges
from webapp.users.models import NAME_MAX, User
from webapp.users.own_mails import delete_own_mails
from webapp.users.queries import former_identities
from webapp.users.services import apply_user_changes, check_new_email, flush_user, lock_user
from webapp.users.values import check_attribute_values, set_attribute_values


@transaction()
def delete_user(user_id: UUID, *, by: Actor, version: int | None = None) -> User:
    """Move a user to the bin. Their access ends with the next request, and others can use their e-mail and username.

    Idempotent. Raise Forbidden for oneself and for the last active owner. Raise Stale if the user was changed since
    `version`.
    """
    lock_owners()
    user = lock_user(user_id, deleted=True)
    check_user_action(by, Permission.USERS_DELETE, user_id=user_id)
    if user.deleted_at is not None:
        return user
    if version is not None and user.version != version:
        raise Stale(_("Someone else has just changed this user"))
    if user.id == by.id:
        raise Forbidden(_("You cannot delete yourself. Another owner can do this."))
    check_owner_remains(user_id)
    revoke_tokens(user_id)
    delete_unique_values(user_id)
    move_to_bin(user, by=by)
    return user


def move_to_bin(user: User, *, by: Actor) -> UUID:
    """Set and record what `delete_user` does to a locked user, without flushing. Return the audit record's ID."""
    status = user.status
    user.deleted_at, user.deleted_by_name = now(), by.label[:NAME_MAX]
    # Old sessions and tokens stay invalid after the user is restored.
    user.sessions_since = user.tokens_since = user.deleted_at
    return record(Action.USER_DELETED, subject=user, by=by, changes={"status": (status, "deleted")})


def delete_users(user_ids: Collection[UUID], *, by: Actor) -> dict[UUID, UUID]:
    """Move users to the bin, the twin of `delete_user` for the undo of imports. Return their audit records.

    It leaves out those for whom more must be checked, without a change (users/changing_many.py).
    """
    users = lock_for_end(user_ids, by=by)
    done = end_each(users, Status.DELETED, move_to_bin, by=by, accept=lambda _user_id, _changes: True)
    delete_unique_values(*done)
    return done


@transaction()
def restore_user(
    user_id: UUID,
    *,
    by: Actor,
    email: str | None = None,
    username: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> User:
    """Restore a user from the bin, with other values for those that another user has now.

    An empty username removes it. Idempotent. Raise Taken or Invalid.
    """
    user = lock_user(user_id, deleted=True)
    check_user_action(by, Permission.USERS_DELETE, user_id=user_id)
    if user.deleted_at is None:
        return user
    before_key = user.email_key
    changes = _replace_identity(user, email=email, username=username)
    if attributes:
        checked = check_attribute_values(attributes, before=user.attributes, by=by, locked=True)
        changes |= set_attribute_values(user, checked)
    user.deleted_at = user.deleted_by_name = user.merged_into_id = None
    flush_user()
    check_new_email(user, before_key, by=by)
    restore_unique_values(user_id, user.attributes)
    record(Action.USER_RESTORED, subject=user, by=by, changes={"status": ("deleted", user.status)} | changes)
    return user


def _replace_identity(user: User, *, email: str | None, username: str | None) -> Changes:
    new_values: UserChanges = {}
    if email is not None:
        new_values["email"] = email
    if username is not None:
        new_values["username"] = username
    return apply_user_changes(user, new_values) if new_values else {}


@transaction()
def purge_user(user_id: UUID, *, by: Actor) -> None:
    """Erase a user in the bin. The audit trail keeps their changes under a pseudonym.

    Raise Refused for a user who is not in the bin. Oneself and the last owner cannot be in the bin.
    """
    user = lock_user(user_id, deleted=True)
    check_user_action(by, Permission.USERS_PURGE, user_id=user_id)
    if user.deleted_at is None:
        raise Refused(_("You can erase only deleted users. Delete this user first."), code="not_deleted")
    redactions = _erase_data(user)
    db.session.delete(user)
    db.session.flush()
    record(Action.USER_PURGED, subject=_ErasedUser(user_id, pseudonym_of(user_id)), by=by, changes=redactions)


@dataclass(frozen=True)
class _ErasedUser:
    id: UUID
    name: str


def _erase_data(user: User) -> Changes:
    """Erase the data about a user that no cascade of their row deletes. Return the changes of the audit record."""
    pseudonym = pseudonym_of(user.id)
    anonymise_requester(user.id, label=pseudonym)
    delete_own_mails(user.id, [user.email, *(former.value for former in former_identities(user.id))])
    for erase in current_registry().get(ErasureHooks):
        erase(user.id)
    _replace_actor_name(user.id, pseudonym=pseudonym)
    anonymise_access(user.id)
    return erase_details_of(user.id)


def _replace_actor_name(user_id: UUID, *, pseudonym: str) -> None:
    """Replace the user's name on rows of other people, such as “deactivated by”, and remove it from their e-mails."""
    names = actor_labels_of(user_id)
    names |= {name[:NAME_MAX] for name in names}
    empty_subjects_with(names)
    subjects = subjects_changed_by(user_id)
    # The records that name the subjects may be archived. Then the name and the time have to do.
    archived = archived_before() if archived_names_of(user_id) else None
    columns = ((User.deactivated_by_name, User.deactivated_at), (User.deleted_by_name, User.deleted_at))
    for column, at in columns:
        is_subject = User.id.in_(subjects) if archived is None else or_(User.id.in_(subjects), at < archived)
        named = update(User).where(is_subject, column.in_(names))
        # `updated_at` would change by itself.
        values = {column.key: pseudonym, "updated_at": User.updated_at}
        db.session.execute(named.values(values), execution_options=NO_SYNC)
    for model in (Membership, RoleGrant):
        about_subjects: list[Any] = [model.user_id.in_(subjects), model.group_id.in_(subjects)]
        if archived is not None:
            about_subjects.append(model.id < min_id_at(archived))
        created = update(model).where(or_(*about_subjects), model.created_by.in_(names))
        db.session.execute(created.values(created_by=pseudonym), execution_options=NO_SYNC)
