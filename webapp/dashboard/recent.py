"""Queries of what happened last and what happens next: the latest changes, and the accounts that end soon."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, union_all

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.core.clock import now
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.lists.page import Page, Window, paginate
from webapp.users.models import Status, User

CHANGES_SHOWN = 8
ENDING_SHOWN = 5
ENDING_DAYS = 30
# Sign-ins and what people change about their own account would hide the changes of administrators.
ACTIONS = (
    Action.USER_CREATED,
    Action.USER_UPDATED,
    Action.USER_DEACTIVATED,
    Action.USER_REACTIVATED,
    Action.USER_DELETED,
    Action.USER_RESTORED,
    Action.USER_PURGED,
    Action.ROLE_GRANTED,
    Action.ROLE_REVOKED,
    Action.ROLE_CREATED,
    Action.ROLE_UPDATED,
    Action.ROLE_DELETED,
    Action.MEMBER_ADDED,
    Action.MEMBER_REMOVED,
    Action.GROUP_CREATED,
    Action.GROUP_UPDATED,
    Action.GROUP_DELETED,
    Action.ATTRIBUTE_CREATED,
    Action.ATTRIBUTE_UPDATED,
    Action.ATTRIBUTE_DELETED,
    Action.BULK_APPLIED,
    Action.BULK_UNDONE,
    Action.USERS_EXPORTED,
    Action.INVITATION_SENT,
    Action.ACCOUNT_COMPROMISED,
)
_BY_END = Order("ends_at", User.ends_at, User.id, descending=False)


def latest_changes() -> list[AuditRecord]:
    """Return the newest records of ACTIONS, newest first.

    Intended plan: one short range of ix_audit_records_action_id for each action. A single IN would scan back
    through all sign-ins since the last change.
    """
    newest = [
        select(
            select(AuditRecord.id)
            .where(AuditRecord.action == action)
            .order_by(AuditRecord.id.desc())
            .limit(CHANGES_SHOWN)
            .subquery()
            .c.id
        )
        for action in ACTIONS
    ]
    ids = union_all(*newest).subquery()
    query = select(AuditRecord).where(AuditRecord.id.in_(select(ids.c.id)))
    return list(db.session.scalars(query.order_by(AuditRecord.id.desc()).limit(CHANGES_SHOWN)))


def ending_soon() -> Page[User]:
    """Return the first people whose access ends within ENDING_DAYS, with the number of all of them."""
    soon = now() + timedelta(days=ENDING_DAYS)
    query = select(User).where(User.status != Status.DELETED, User.ends_at >= now(), User.ends_at < soon)
    return paginate(query, _BY_END, Window(ENDING_SHOWN))
