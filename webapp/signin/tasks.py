"""The jobs that mail notices of new devices, and remove ended sessions, old security events and devices."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete, or_, select

from webapp.core.clock import now
from webapp.core.sealing import NotReadable
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.signin.devices import KNOWN_FOR
from webapp.signin.models import KnownDevice, SecurityEvent, UserSession
from webapp.signin.notices import send_new_device_notice
from webapp.signin.retention import deletable_events

# The longest values of SESSION_HOURS and SESSION_IDLE_MINUTES.
LONGEST = timedelta(days=30)
IDLE = timedelta(days=1)
CHUNK = 1000


@job_kind("sign_in.notice", label=_("Send a notice of a new device"))
def notice(run: JobRun) -> None:
    # After a change of SECRET_KEY, nobody can read where the sign-in came from.
    with suppress(NotReadable):
        send_new_device_notice(run.arguments["sign_in"])
    run.finish()


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
    """Delete a chunk of the events beyond the limits, of a person or without one, and of devices that are not used."""
    moment = now()
    forgotten = KnownDevice.last_used_at < moment - KNOWN_FOR
    done = 0
    for model, condition in (
        (SecurityEvent, deletable_events(moment)),
        (KnownDevice, forgotten),
    ):
        ids = list(db.session.scalars(select(model.id).where(condition).limit(CHUNK)))
        db.session.execute(delete(model).where(model.id.in_(ids)))
        done += len(ids)
    if done:
        run.advance(None, done=done)
    else:
        run.finish()
