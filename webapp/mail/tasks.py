"""The job that sends an e-mail."""

from __future__ import annotations

from uuid import UUID

from webapp.core.clock import now
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.mail.delivery import deliver
from webapp.mail.models import Mail

# With the pauses between them, about two hours.
ATTEMPTS = 18


@job_kind("mail.send", label=_("Send e-mail"), attempts=ATTEMPTS)
def send(run: JobRun) -> None:
    mail = db.session.get(Mail, UUID(run.arguments["mail_id"]), with_for_update=True)
    if mail is not None and mail.sent_at is None:
        deliver(mail)
        mail.sent_at = now()
    run.finish()
