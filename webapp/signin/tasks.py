"""The jobs that remove ended sessions, and old security events and devices."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import case, delete, func, or_, select

from webapp.core.clock import now
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.signin.devices import KNOWN_FOR
from webapp.signin.models import KnownDevice, SecurityEvent, UserSession

# The longest values of SESSION_HOURS and SESSION_IDLE_MINUTES.
LONGEST = timedelta(days=30)
IDLE = timedelta(days=1)
CHUNK = 1000
# What is kept of security events.
EVENTS_KEPT = timedelta(days=90)
EVENTS_OF_PERSON = 100
EVENTS_OF_NOBODY = 1000


@job_kind("sessions.purge", label=_("Remove ended sessions"), interval=timedelta(hours=1), every=_("Every hour"))
def purge(run: JobRun) -> None:
    """Delete a chunk of the sessions that have ended whatever the settings are."""
    moment = now()
    ended = or_(UserSession.last_used_at < moment - IDLE, UserSession.created_at < moment - LONGEST)
    ids = list(db.session.scalars(select(UserSession.id).where(ended).limit(CHUNK)))
    if not ids:
        run.finish()
        return
    db.session.execute(delete(UserSession).where(UserSession.id.in_(ids)))
    run.advance(None, done=len(ids))


@job_kind(
    "security_events.purge", label=_("Remove old security events"), interval=timedelta(hours=1), every=_("Every hour")
)
def purge_events(run: JobRun) -> None:
    """Delete a chunk of what is beyond the limits: the newest events of a person, and of nobody; devices not used."""
    old = SecurityEvent.at < now() - EVENTS_KEPT
    place = func.row_number().over(partition_by=SecurityEvent.user_id, order_by=SecurityEvent.id.desc())
    ranked = select(SecurityEvent.id, SecurityEvent.user_id, place.label("place")).subquery()
    most = case((ranked.c.user_id.is_(None), EVENTS_OF_NOBODY), else_=EVENTS_OF_PERSON)
    excess = select(ranked.c.id).where(ranked.c.place > most)
    forgotten = KnownDevice.last_used_at < now() - KNOWN_FOR
    done = 0
    for model, condition in (
        (SecurityEvent, or_(old, SecurityEvent.id.in_(excess))),
        (KnownDevice, forgotten),
    ):
        ids = list(db.session.scalars(select(model.id).where(condition).limit(CHUNK)))
        db.session.execute(delete(model).where(model.id.in_(ids)))
        done += len(ids)
    if done:
        run.advance(None, done=done)
    else:
        run.finish()
