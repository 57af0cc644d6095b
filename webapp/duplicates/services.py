"""The only entry point to changes of likely pairs."""

from __future__ import annotations

from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import Forbidden, NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.duplicates.models import DuplicatePair
from webapp.users.queries import is_in_reach
from webapp.users.services import lock_user

OTHER_ID = "other_person_id"


@transaction()
def dismiss_pair(pair_id: UUID, *, by: Actor) -> list[UUID]:
    """Say that these are different people. The pair comes back only with new evidence. Idempotent.

    Return the IDs of the audit records, one for each person. Raise NotFound, Deleted or Forbidden.
    """
    pair = _lock(pair_id, by=by)
    if pair.dismissed_at is not None:
        return []
    pair.dismissed_at = now()
    pair.dismissed_evidence = sorted({*pair.dismissed_evidence, *pair.evidence})
    return _record(Action.DUPLICATE_DISMISSED, pair, by=by)


@transaction()
def reopen_pair(pair_id: UUID, *, by: Actor) -> None:
    """Show a dismissed pair again. Idempotent. Raise NotFound, Deleted or Forbidden."""
    pair = _lock(pair_id, by=by)
    if pair.dismissed_at is not None:
        pair.dismissed_at, pair.dismissed_evidence = None, []
        _record(Action.DUPLICATE_REOPENED, pair, by=by)


def check_pair_access(by: Actor, pair: DuplicatePair) -> None:
    """Check that `by` sees and may change both people. A mark does nothing to an account, so powers do not count."""
    powers = powers_of_actor(by)
    for user_id in pair.user_ids:
        if not is_in_reach(user_id, powers.reach(Permission.USERS_READ)):
            raise NotFound(_("This pair is no longer in the list of duplicates"))
        if not is_in_reach(user_id, powers.reach(Permission.USERS_EDIT)):
            raise Forbidden(_("Your roles do not let you do this to this user"))


def _lock(pair_id: UUID, *, by: Actor) -> DuplicatePair:
    pair = db.session.get(DuplicatePair, pair_id, with_for_update=True, populate_existing=True)
    if pair is None:
        raise NotFound(_("This pair is no longer in the list of duplicates"))
    check_pair_access(by, pair)
    return pair


def _record(action: Action, pair: DuplicatePair, *, by: Actor) -> list[UUID]:
    """Record the change for both people. A record names the other one by their ID, which is no personal data."""
    users = [lock_user(user_id) for user_id in pair.user_ids]
    is_dismissed = action == Action.DUPLICATE_DISMISSED
    records = []
    for user, other in zip(users, reversed(users), strict=True):
        change = (None, str(other.id)) if is_dismissed else (str(other.id), None)
        records.append(record(action, subject=user, by=by, changes={OTHER_ID: change}))
    return records
