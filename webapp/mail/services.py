"""The only door to mail."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete

from webapp.core.errors import Invalid
from webapp.core.permissions import Actor
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.services import enqueue
from webapp.mail.models import ADDRESS_MAX, SUBJECT_MAX, Mail


@transaction()
def send_mail(*, to: str, subject: str, text: str, by: Actor) -> Mail:
    """A letter in the transaction of whoever asks: rolled back with it, sent once it is committed.

    Sent at least once: only a crash between the server's yes and our note of it sends it again, with the same
    Message-ID. Raises Invalid for what cannot stand in a header.
    """
    to, subject = clean_text(to, field="to"), clean_text(subject, field="subject")
    if not 0 < len(to) <= ADDRESS_MAX or not 0 < len(subject) <= SUBJECT_MAX:
        raise Invalid(_("An e-mail must have an address and a subject"), field="to" if subject else "subject")
    mail = Mail(to=to, subject=subject, text=text)
    db.session.add(mail)
    db.session.flush()
    enqueue("mail.send", by=by, mail_id=mail.id.hex)
    return mail


def delete_mails_to(addresses: Collection[str]) -> None:
    """Removes every letter to these addresses, sent or not, inside the transaction that erases whose they were."""
    db.session.execute(delete(Mail).where(Mail.to.in_(addresses)))
