"""The first steps of a new owner, as a checklist. A step is done when it has really happened."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select

from webapp.access.models import Group
from webapp.audit.actions import Action
from webapp.audit.archive_models import AuditArchive
from webapp.audit.models import AuditRecord
from webapp.core.permissions import Permission, Powers
from webapp.core.texts import _
from webapp.db.session import db
from webapp.users.models import User

# Only people with all these permissions see the checklist.
NEEDED = frozenset(
    {Permission.USERS_CREATE, Permission.GROUPS_MANAGE, Permission.AUDIT_READ, Permission.SETTINGS_MANAGE}
)


@dataclass(frozen=True)
class Step:
    """`endpoint` is the page where the step is done."""

    text: str
    endpoint: str
    done: bool


def first_steps(user: User, powers: Powers) -> list[Step]:
    """Return the steps, or nothing if the person closed them, lacks permissions for them or has done all."""
    if user.steps_closed_at or not powers.everywhere >= NEEDED:
        return []
    added, grouped, invited = _facts(user)
    steps = [
        Step(_("Add a user"), "users.new", added),
        Step(_("Create a group"), "groups.new", grouped),
        Step(_("Invite a colleague"), "invite_people.new", invited),
        Step(_("Look at the audit trail"), "history.index", user.audit_seen_at is not None),
    ]
    return [] if all(step.done for step in steps) else steps


def _facts(user: User) -> tuple[bool, bool, bool]:
    """Return whether there is another user, a group, and an invitation that was sent. Its record may be archived."""
    invitation = select(AuditRecord.id).where(AuditRecord.action == Action.INVITATION_SENT)
    archive = select(AuditArchive.id)
    another, group = select(User.id).where(User.id != user.id), select(Group.id).where(Group.deleted_at.is_(None))
    row = db.session.execute(select(exists(another), exists(group), exists(invitation) | exists(archive))).one()
    return bool(row[0]), bool(row[1]), bool(row[2])
