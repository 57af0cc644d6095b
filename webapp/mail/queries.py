"""Named reads of e-mails: where one stands, and what the organisation adds to each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, exists, or_, select

from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.mail.models import ONLY_ROW, Mail, Organisation


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


def mail_state() -> ColumnElement[Any]:
    """Return the MailState of a row of `mails` as a column. FAILED: a server refused it, or its job gave up."""
    gave_up = exists(select(1).where(Job.id == Mail.job_id, Job.state.in_([State.FAILED, State.CANCELLED])))
    return case(
        (Mail.sent_at.is_not(None), MailState.SENT),
        (or_(Mail.failed_at.is_not(None), gave_up), MailState.FAILED),
        else_=MailState.QUEUED,
    )


def mail_error() -> ColumnElement[Any]:
    """Return the answer of the mail server to the last attempt as a column, NULL if there is none."""
    retried = select(Job.error).where(Job.id == Mail.job_id).scalar_subquery()
    return case((Mail.error.is_not(None), Mail.error), (Mail.sent_at.is_(None), retried))


# The address of the logo in the HTML of an e-mail: the logo is attached to it (RFC 2392).
LOGO_ADDRESS = "cid:logo"


@dataclass(frozen=True)
class Letterhead:
    """What the organisation adds to each e-mail, in one language."""

    name: str
    support_contact: str
    signature: str
    invitation_intro: str
    has_logo: bool


def get_organisation() -> Organisation:
    """Return the saved organisation, or one with empty values that is not saved."""
    return db.session.get(Organisation, ONLY_ROW) or empty_organisation()


def empty_organisation() -> Organisation:
    return Organisation(name="", support_contact="", signature={}, invitation_intro={})


def letterhead(locale: str) -> Letterhead:
    saved = get_organisation()
    return Letterhead(
        saved.name,
        saved.support_contact,
        saved.signature.get(locale, ""),
        saved.invitation_intro.get(locale, ""),
        has_logo=bool(saved.logo),
    )
