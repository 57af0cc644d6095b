"""Named reads of sessions and security events."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.db.session import db
from webapp.signin.models import SecurityEvent, UserSession
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


def security_events_of(user_id: UUID, limit: int) -> list[SecurityEvent]:
    """Return the newest failed attempts, refusals and delays of the person, newest first."""
    query = select(SecurityEvent).where(SecurityEvent.user_id == user_id).order_by(SecurityEvent.id.desc())
    return list(db.session.scalars(query.limit(limit)))
