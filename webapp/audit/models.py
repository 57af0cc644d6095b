"""The audit record and the actions it knows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.database import Instant, Model
from webapp.core.ids import new_id
from webapp.core.languages import _

LABEL_MAX = 254
ACTION_MAX = 64
ADDRESS_MAX = 64


class Action(StrEnum):
    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    ROLE_GRANTED = "role.granted"
    ROLE_REVOKED = "role.revoked"
    ROLE_CREATED = "role.created"
    ROLE_UPDATED = "role.updated"
    ROLE_DELETED = "role.deleted"
    ROLE_RESTORED = "role.restored"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    GROUP_CREATED = "group.created"
    GROUP_UPDATED = "group.updated"
    GROUP_DELETED = "group.deleted"
    GROUP_RESTORED = "group.restored"
    SESSION_STARTED = "session.started"
    SESSION_ENDED = "session.ended"
    TOKEN_CREATED = "token.created"
    JOB_CANCELLED = "job.cancelled"
    JOB_RETRIED = "job.retried"
    SCHEDULE_PAUSED = "schedule.paused"
    SCHEDULE_RESUMED = "schedule.resumed"


ACTION_LABELS = {
    Action.USER_CREATED: _("User created"),
    Action.USER_UPDATED: _("User changed"),
    Action.USER_DEACTIVATED: _("User deactivated"),
    Action.USER_REACTIVATED: _("User reactivated"),
    Action.ROLE_GRANTED: _("Role given"),
    Action.ROLE_REVOKED: _("Role taken back"),
    Action.ROLE_CREATED: _("Role created"),
    Action.ROLE_UPDATED: _("Role changed"),
    Action.ROLE_DELETED: _("Role deleted"),
    Action.ROLE_RESTORED: _("Role restored"),
    Action.MEMBER_ADDED: _("Added to a group"),
    Action.MEMBER_REMOVED: _("Removed from a group"),
    Action.GROUP_CREATED: _("Group created"),
    Action.GROUP_UPDATED: _("Group changed"),
    Action.GROUP_DELETED: _("Group deleted"),
    Action.GROUP_RESTORED: _("Group restored"),
    Action.SESSION_STARTED: _("Signed in"),
    Action.SESSION_ENDED: _("Signed out"),
    Action.TOKEN_CREATED: _("API token created"),
    Action.JOB_CANCELLED: _("Job cancelled"),
    Action.JOB_RETRIED: _("Job tried again"),
    Action.SCHEDULE_PAUSED: _("Schedule paused"),
    Action.SCHEDULE_RESUMED: _("Schedule resumed"),
}


class AuditRecord(Model):
    """One change of one subject; never edited. `changes` holds field → [before, after], secrets never."""

    __tablename__ = "audit_records"
    __table_args__ = (Index(None, "subject_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(Instant, default=now)
    action: Mapped[str] = mapped_column(String(ACTION_MAX))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    actor_label: Mapped[str] = mapped_column(String(LABEL_MAX))
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON().with_variant(JSONB, "postgresql"), default=dict)
