"""The only door into the bin and out of it: back, or for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update

from webapp.access.checks import check_owner_remains, check_user_action, lock_owners
from webapp.access.models import Membership, RoleGrant
from webapp.attributes.unique_values import delete_unique_values, restore_unique_values
from webapp.audit.models import Action
from webapp.audit.queries import actor_labels_of, subjects_changed_by
from webapp.audit.services import erase_details_of, record
from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.erasure import ErasureHooks
from webapp.core.errors import Forbidden, Refused, Stale
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.services import anonymise_requester
from webapp.mail.services import delete_mails_to
from webapp.users.checks import UserChanges
from webapp.users.models import NAME_MAX, User
from webapp.users.queries import former_identities
from webapp.users.services import apply_user_changes, flush_user, lock_user
from webapp.users.values import check_attribute_values, set_attribute_values

# What else of these rows the session holds is not looked at again.
_UNSEEN = {"synchronize_session": False}


@transaction()
def delete_user(user_id: UUID, *, by: Actor, version: int | None = None) -> User:
    """Moves a user to the bin: access ends at the next request, e-mail and username are free at once. Twice is once.

    Raises Forbidden for oneself and for the last active owner, Stale when they were changed since `version`.
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
    status = user.status
    user.deleted_at, user.deleted_by_name = now(), by.label[:NAME_MAX]
    # Whoever is restored signs in anew: what was open before stays closed.
    user.sessions_since = user.tokens_since = user.deleted_at
    delete_unique_values(user_id)
    record(Action.USER_DELETED, subject=user, by=by, changes={"status": (status, "deleted")})
    return user


@transaction()
def restore_user(
    user_id: UUID,
    *,
    by: Actor,
    email: str | None = None,
    username: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> User:
    """Takes a user out of the bin, as they were; with another e-mail, username or unique value when theirs is taken.

    An empty username restores them without one. Twice is once. Raises Taken or Invalid.
    """
    user = lock_user(user_id, deleted=True)
    check_user_action(by, Permission.USERS_DELETE, user_id=user_id)
    if user.deleted_at is None:
        return user
    given: UserChanges = {}
    if email is not None:
        given["email"] = email
    if username is not None:
        given["username"] = username
    changes = apply_user_changes(user, given) if given else {}
    if attributes:
        changes |= set_attribute_values(
            user, check_attribute_values(attributes, before=user.attributes, by=by, locked=True)
        )
    user.deleted_at = user.deleted_by_name = None
    flush_user()
    restore_unique_values(user_id, user.attributes)
    record(Action.USER_RESTORED, subject=user, by=by, changes={"status": ("deleted", user.status)} | changes)
    return user


@transaction()
def purge_user(user_id: UUID, *, by: Actor) -> None:
    """Erases a user out of the bin for good; the audit trail keeps that it happened, and no word about them.

    Raises Refused for one who is not in the bin, where neither the last owner nor oneself can be.
    """
    user = lock_user(user_id, deleted=True)
    check_user_action(by, Permission.USERS_PURGE, user_id=user_id)
    if user.deleted_at is None:
        raise Refused(_("You can erase only deleted users. Delete this user first."), code="not_deleted")
    erased = _Erased(user_id)
    _forget(user, called=erased.name)
    db.session.delete(user)
    db.session.flush()
    record(Action.USER_PURGED, subject=erased, by=by)


@dataclass(frozen=True)
class _Erased:
    """A person of whom nothing but the id is left."""

    id: UUID

    @property
    def name(self) -> str:
        """What is left to call them by."""
        return f"Deleted user {self.id.hex[-6:]}"


def _forget(user: User, *, called: str) -> None:
    """Everything about a person that does not go with their row."""
    anonymise_requester(user.id, label=called)
    delete_mails_to([user.email, *(former.value for former in former_identities(user.id))])
    for erase in current_registry().get(ErasureHooks):
        erase(user.id)
    _unsign(user.id, called=called)
    erase_details_of(user.id)


def _unsign(person_id: UUID, *, called: str) -> None:
    """Under what a person did to others stands `called` from now on."""
    names = actor_labels_of(person_id)
    names |= {name[:NAME_MAX] for name in names}
    subjects = subjects_changed_by(person_id)
    for column in (User.deactivated_by_name, User.deleted_by_name):
        signed = update(User).where(User.id.in_(subjects), column.in_(names))
        db.session.execute(
            signed.values({column.key: called, "updated_at": User.updated_at}), execution_options=_UNSEEN
        )
    for model in (Membership, RoleGrant):
        about = or_(model.user_id.in_(subjects), model.group_id.in_(subjects))
        given = update(model).where(about, model.created_by.in_(names)).values(created_by=called)
        db.session.execute(given, execution_options=_UNSEEN)
