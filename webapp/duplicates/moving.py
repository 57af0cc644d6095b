"""What moves from a merged account to the kept one: roles, memberships, and values of other people that name it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from webapp.access.checks import powers_of_actor
from webapp.access.group_tree import member_ids_in
from webapp.access.models import Membership, RoleGrant
from webapp.access.queries import grants_of_user, memberships_of_user
from webapp.access.services import add_member, grant_role
from webapp.attributes.models import Kind
from webapp.attributes.queries import live_attributes
from webapp.core.errors import Refused
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User
from webapp.users.services import update_user

# More values are not changed in one request.
REFERENCES_MAX = 500


class Reference(NamedTuple):
    """A person whose attribute names the merged account, such as a manager."""

    user_id: UUID
    attribute: str


def own_grants(user_id: UUID) -> list[RoleGrant]:
    """Return the present and future grants to the person themselves, without those within a deleted group."""
    grants = (grant for grant in grants_of_user(user_id) if grant.user_id == user_id)
    return [grant for grant in grants if grant.scope is None or grant.scope.deleted_at is None]


def copy_access(
    from_id: UUID,
    to_id: UUID,
    grant_ids: Collection[UUID] | None,
    membership_ids: Collection[UUID] | None,
    *,
    by: Actor,
) -> dict[str, int]:
    """Give the kept account the roles and groups that it lacks, for the same periods. Return how many.

    The merged account keeps its own in the bin, where they give no access.
    """
    held = {(grant.role_id, grant.scope_id) for grant in own_grants(to_id)}
    grants = [each for each in own_grants(from_id) if _is_chosen(each, grant_ids)]
    grants = [each for each in grants if (each.role_id, each.scope_id) not in held]
    for grant in grants:
        starts_at, ends_at = grant.starts_at, grant.ends_at
        grant_role(grant.role_id, user_id=to_id, scope_id=grant.scope_id, starts_at=starts_at, ends_at=ends_at, by=by)
    joined = {membership.group_id for membership in memberships_of_user(to_id)}
    memberships = [each for each in memberships_of_user(from_id) if _is_chosen(each, membership_ids)]
    memberships = [each for each in memberships if each.group_id not in joined]
    for each in memberships:
        add_member(each.group_id, to_id, starts_at=each.starts_at, ends_at=each.ends_at, by=by)
    return {"moved_roles": len(grants), "moved_groups": len(memberships)}


def _is_chosen(row: RoleGrant | Membership, ids: Collection[UUID] | None) -> bool:
    return ids is None or row.id in ids


def people_referring_to(user_id: UUID, *, by: Actor) -> list[Reference]:
    """Return the values that name this person, of people that `by` may edit. Raise Refused for too many.

    This scans all people, so call it before the transaction of the merge.
    """
    reach = powers_of_actor(by).reach(Permission.USERS_EDIT)
    found = []
    for attribute in live_attributes():
        if attribute.kind == Kind.PERSON:
            query = select(User.id).where(User.attributes[attribute.key].as_string() == str(user_id))
            query = query.where(User.deleted_at.is_(None), User.id != user_id)
            if reach is not None:
                query = query.where(User.id.in_(member_ids_in(reach)))
            ids = db.session.scalars(query.order_by(User.id).limit(REFERENCES_MAX + 1))
            found += [Reference(each, attribute.key) for each in ids]
    if len(found) > REFERENCES_MAX:
        message = _("More than %(max)s users name this one. Keep it, and merge the other one.", max=REFERENCES_MAX)
        raise Refused(message, code="too_many")
    return found


def move_references(references: Collection[Reference], from_id: UUID, to_id: UUID, *, by: Actor) -> int:
    """Let these values name the kept account. Return how many were changed.

    Values that `by` may not change stay. The kept account does not name itself.
    """
    moved = 0
    for user_id, key in references:
        with suppress(Refused), transaction():
            user = db.session.get_one(User, user_id, populate_existing=True)
            if user.attributes.get(key) == str(from_id):
                update_user(user_id, attributes={key: None if user_id == to_id else str(to_id)}, by=by)
                moved += 1
    return moved
