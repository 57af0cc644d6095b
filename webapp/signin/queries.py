"""Named reads of sessions and security events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select

from webapp.audit.actions import Action
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.db.session import db
from webapp.signin.devices import describe_device
from webapp.signin.models import KnownDevice, SecurityEvent, UserSession
from webapp.users.models import User


def sessions_of(user_id: UUID) -> list[UserSession]:
    """Return the person's sessions that have not ended, the last used first."""
    settings, moment = current_settings(), now()
    query = (
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.user_id == user_id,
            UserSession.last_used_at >= moment - timedelta(minutes=settings.session_idle_minutes),
            UserSession.created_at >= moment - timedelta(hours=settings.session_hours),
            or_(User.sessions_since.is_(None), UserSession.created_at >= User.sessions_since),
        )
    )
    return list(db.session.scalars(query.order_by(UserSession.last_used_at.desc(), UserSession.id)))


def known_devices_of(user_id: UUID) -> list[KnownDevice]:
    """Return the browsers in which the person has signed in, the last used first."""
    query = select(KnownDevice).where(KnownDevice.user_id == user_id)
    return list(db.session.scalars(query.order_by(KnownDevice.last_used_at.desc(), KnownDevice.id)))


def security_events_of(user_id: UUID, limit: int) -> list[SecurityEvent]:
    """Return the newest failed attempts, refusals and delays of the person, newest first."""
    query = select(SecurityEvent).where(SecurityEvent.user_id == user_id).order_by(SecurityEvent.id.desc())
    return list(db.session.scalars(query.limit(limit)))


@dataclass(frozen=True)
class LatestSignIn:
    """Where a person last signed in. `device` or `address` is empty if Rollcall does not know it any more."""

    device: str
    address: str


def latest_sign_in(user: User) -> LatestSignIn | None:
    """Return the device and the address of the last sign-in, also if its session has ended. At most one statement.

    The address is that of the audit record, so the index of a subject's records finds it.
    """
    if user.last_sign_in_at is None:
        return None
    agent = select(KnownDevice.agent).where(KnownDevice.user_id == user.id).order_by(KnownDevice.last_used_at.desc())
    record_id = (
        select(AuditRecord.id)
        .where(AuditRecord.subject_id == user.id, AuditRecord.action == Action.SESSION_STARTED)
        .order_by(AuditRecord.id.desc())
        .limit(1)
    )
    address = select(AuditDetails.address).where(AuditDetails.record_id == record_id.scalar_subquery())
    found = db.session.execute(select(agent.limit(1).scalar_subquery(), address.scalar_subquery())).one()
    latest = LatestSignIn(describe_device(found[0]) if found[0] else "", found[1] or "")
    return latest if latest.device or latest.address else None
