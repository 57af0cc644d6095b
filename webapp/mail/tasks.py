"""The job that sends an e-mail."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused
from uuid import UUID

from webapp.core.clock import now
from webapp.core.sealing import NotReadable
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.mail.delivery import deliver
from webapp.mail.models import ERROR_MAX, Mail

# With the pauses between them, about two hours.
ATTEMPTS = 18
# Answers from here on are permanent (RFC 5321, 4.2.1).
PERMANENT = 500


@job_kind("mail.deliver", label=_("Send e-mail"), attempts=ATTEMPTS)
def send(run: JobRun) -> None:
    """Send the e-mail and remove its body, which can hold the secret of a link. A refusal for good ends the job.

    Other refusals are about the server or its settings, for example a wrong password. They are tried again.
    """
    mail = db.session.get(Mail, UUID(run.arguments["mail_id"]), with_for_update=True)
    if mail is not None and mail.sent_at is None and mail.failed_at is None:
        try:
            deliver(mail)
        except (SMTPRecipientsRefused, SMTPDataError, NotReadable) as error:
            refusal = _permanent_refusal(error)
            if refusal is None:
                raise
            mail.failed_at, mail.error = now(), refusal[:ERROR_MAX]
        else:
            mail.sent_at = now()
        mail.text, mail.sealed_body = "", None
    run.finish()


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
