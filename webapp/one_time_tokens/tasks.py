"""The job that removes old one-time tokens."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, delete, not_, or_, select

from webapp.core.clock import now
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.one_time_tokens.models import OneTimeToken, TokenKind

# Until then, an old link says why it no longer works.
KEPT = timedelta(days=30)
CHUNK = 1000


@job_kind("one_time_tokens.purge", label=_("Remove old links"), interval=timedelta(days=1), every=_("Every day"))
def purge(run: JobRun) -> None:
    """Delete a chunk of the tokens that expired KEPT ago.

    The newest invitation of each person stays, for its state. So does the link that locked an account: it names the
    address that may unlock it.
    """
    newest_invitation = and_(OneTimeToken.kind == TokenKind.INVITATION, OneTimeToken.replaced_at.is_(None))
    locked_account = and_(OneTimeToken.kind == TokenKind.NOT_ME, OneTimeToken.used_at.is_not(None))
    old = and_(OneTimeToken.expires_at < now() - KEPT, not_(or_(newest_invitation, locked_account)))
    ids = list(db.session.scalars(select(OneTimeToken.id).where(old).limit(CHUNK)))
    if not ids:
        run.finish()
        return
    db.session.execute(delete(OneTimeToken).where(OneTimeToken.id.in_(ids)))
    run.advance(None, done=len(ids))
