"""The job that sends an e-mail."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused
from uuid import UUID

from webapp.core.clock import now
from webapp.core.sealing import NotReadable
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import JobRun, job_kind
from webapp.mail.delivery import deliver
from webapp.mail.models import ERROR_MAX, Mail

# With the pauses between them, about two hours.
ATTEMPTS = 18
# Answers from here on are permanent (RFC 5321, 4.2.1).
PERMANENT = 500


@job_kind("mail.deliver", label=_("Send e-mail"), attempts=ATTEMPTS)
def send(run: JobRun) -> None:
    """Send the e-mail after the commit. The next chunk ends the job."""
    mail_id = UUID(run.arguments["mail_id"])
    mail = db.session.get(Mail, mail_id)
    if mail is None or mail.sent_at or mail.failed_at:
        run.finish()
    else:
        run.work_after_commit(lambda: _deliver(mail_id))


def _deliver(mail_id: UUID) -> None:
    """Send the e-mail and remove its body, which can hold the secret of a link. A refusal for good ends the job.

    Other refusals are about the server or its settings, for example a wrong password. They are tried again.
    """
    refusal, mail = None, db.session.get(Mail, mail_id)
    if mail is None:
        # Its reader was erased meanwhile.
        return
    try:
        deliver(mail)
    except (SMTPRecipientsRefused, SMTPDataError, NotReadable) as error:
        refusal = _permanent_refusal(error)
        if refusal is None:
            raise
    with transaction():
        mail = db.session.get(Mail, mail_id, with_for_update=True)
        if mail is None:
            return
        if refusal is None:
            mail.sent_at = now()
        else:
            mail.failed_at, mail.error = now(), refusal[:ERROR_MAX]
        mail.text, mail.sealed_body = "", None


# Workers of older versions enqueued it under this name.
send_old = job_kind("mail.send", label=_("Send e-mail"), attempts=ATTEMPTS)(send.work)


def _permanent_refusal(error: SMTPRecipientsRefused | SMTPDataError | NotReadable) -> str | None:
    """Return the answer of the server if trying again cannot help, else None."""
    if isinstance(error, NotReadable):
        return str(error)
    code: int
    text: bytes | str
    if isinstance(error, SMTPRecipientsRefused):
        # An e-mail has one recipient.
        ((code, text),) = error.recipients.values()
    else:
        code, text = error.smtp_code, error.smtp_error
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {shown}" if code >= PERMANENT else None
