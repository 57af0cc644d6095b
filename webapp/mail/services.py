"""The only entry point to sending and deleting e-mails."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import delete, or_, update

from webapp.core.errors import Invalid
from webapp.core.formats import use_reader
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.sealing import seal
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import transaction
from webapp.jobs.services import enqueue, enqueue_several
from webapp.mail.messages import Message, Recipient, render_message
from webapp.mail.models import ADDRESS_MAX, SUBJECT_MAX, Mail
from webapp.mail.queries import Letterhead, letterhead


def send_message(recipient: Recipient, build: Callable[[], Message], *, by: Actor) -> Mail:
    """Add a message to the outbox, in the caller's transaction, in the language and time zone of the recipient.

    `build` is called when these are set. Subjects are cut after SUBJECT_MAX characters.
    """
    with use_reader(recipient.locale, recipient.timezone) as locale:
        message = build()
        text, html = render_message(message, recipient, letterhead(locale))
        return send_mail(to=recipient.email, subject=_subject_of(message), text=text, html=html, by=by)


class Letter(NamedTuple):
    """A message for a recipient. `build` is called in their language, with what the organisation adds to it."""

    recipient: Recipient
    build: Callable[[Letterhead], Message]


def send_messages(letters: Sequence[Letter], *, by: Actor) -> list[Mail]:
    """Add several messages to the outbox like `send_message`, in few statements."""
    letterheads = cache(letterhead)
    mails = []
    for recipient, build in letters:
        with use_reader(recipient.locale, recipient.timezone) as locale:
            ours = letterheads(locale)
            message = build(ours)
            text, html = render_message(message, recipient, ours)
            mails.append(_mail(recipient.email, _subject_of(message), text, html))
    jobs = enqueue_several("mail.deliver", [{"mail_id": mail.id.hex} for mail in mails], by=by)
    for mail, job in zip(mails, jobs, strict=True):
        mail.job_id = job.id
    db.session.add_all(mails)
    return mails


def _subject_of(message: Message) -> str:
    # A joiner is valid only inside a word, not where the subject was cut.
    return str(message.subject)[:SUBJECT_MAX].rstrip("\u200c\u200d")


def _mail(to: str, subject: str, text: str, html: str) -> Mail:
    """Return an e-mail that is not saved. Raise Invalid if an address or subject is not valid in a header."""
    to, subject = clean_text(to, field="to"), clean_text(subject, field="subject", joiners=True)
    if not 0 < len(to) <= ADDRESS_MAX or not 0 < len(subject) <= SUBJECT_MAX:
        raise Invalid(_("An e-mail must have an address and a subject"), field="to" if subject else "subject")
    return Mail(id=new_id(), to=to, subject=subject, sealed_body=seal(json.dumps({"text": text, "html": html})))


@transaction()
def send_mail(*, to: str, subject: str, text: str, html: str = "", by: Actor) -> Mail:
    """Add an e-mail to the outbox, in the caller's transaction. A job sends it after the commit.

    Delivery is at least once: if a worker crashes before it has recorded the delivery, the e-mail is sent again with
    the same Message-ID. Raise Invalid if an address or subject is not valid in a header.
    """
    mail = _mail(to, subject, text, html)
    db.session.add(mail)
    db.session.flush()
    mail.job_id = enqueue("mail.deliver", by=by, mail_id=mail.id.hex).id
    return mail


def delete_mails_to(addresses: Collection[str]) -> None:
    """Delete all e-mails to these addresses, sent or not. Called in the transaction that erases their owner."""
    db.session.execute(delete(Mail).where(Mail.to.in_(addresses)))


def empty_subjects_with(names: Collection[str]) -> None:
    """Empty the subjects that contain one of these names. Called in the transaction that erases their owner.

    Bodies do not stay after the delivery.
    """
    named = [Mail.subject.contains(name, autoescape=True) for name in names if name]
    if named:
        db.session.execute(update(Mail).where(or_(*named)).values(subject=""), execution_options=NO_SYNC)
