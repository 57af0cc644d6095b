"""The only entry point to changes of what the organisation adds to e-mails."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from webapp.access.checks import check_everywhere
from webapp.audit.actions import Action
from webapp.audit.services import Changes, SubjectId, difference, record
from webapp.core.errors import Invalid, Stale
from webapp.core.permissions import Actor, Permission
from webapp.core.text import clean_paragraphs, clean_text
from webapp.core.texts import LOCALES, _
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.mail.messages import Recipient
from webapp.mail.models import CONTACT_MAX, ONLY_ROW, ORGANISATION_NAME_MAX, TEXT_MAX, Organisation
from webapp.mail.queries import empty_organisation
from webapp.mail.services import send_message
from webapp.mail_settings.logos import logo_type
from webapp.mail_settings.samples import sample_message

# The audit record needs a subject. There is one organisation.
SUBJECT_ID = UUID(int=ONLY_ROW)
# Columns with a text for each language. A form has a field for each: `signature_en`.
_TRANSLATED = ("signature", "invitation_intro")
TEXT_FIELDS = ("name", "support_contact", *(f"{column}_{locale}" for column in _TRANSLATED for locale in LOCALES))
# These texts are one line: subjects of e-mails contain the name. The others can have several lines.
_LINE_LIMITS = {"name": ORGANISATION_NAME_MAX, "support_contact": CONTACT_MAX}


def mail_settings_texts(organisation: Organisation) -> dict[str, str]:
    """Return the texts of the organisation by the names of TEXT_FIELDS."""
    translated = {
        f"{column}_{locale}": getattr(organisation, column).get(locale, "")
        for column in _TRANSLATED
        for locale in LOCALES
    }
    return {"name": organisation.name, "support_contact": organisation.support_contact} | translated


@transaction()
def update_mail_settings(*, by: Actor, version: int | None = None, logo: bytes | None = None, **texts: str) -> None:
    """Change texts of TEXT_FIELDS and the logo. An empty `logo` removes it, None keeps it.

    Raise Stale if they have changed since `version`. Raise Invalid or Forbidden.
    """
    check_everywhere(by, Permission.SETTINGS_MANAGE)
    advisory_lock("organisation")
    row = db.session.get(Organisation, ONLY_ROW, populate_existing=True) or empty_organisation()
    if version is not None and version != (row.version or 0):
        raise Stale(_("Someone else changed this while you were editing"))
    cleaned = _cleaned(texts)
    if logo:
        logo_type(logo)
    changes = difference(mail_settings_texts(row), cleaned) | _logo_change(row.logo, logo)
    if changes:
        db.session.add(row)
        _assign(row, cleaned)
        row.logo = row.logo if logo is None else logo or None
        db.session.flush()
        _record(Action.MAIL_SETTINGS_UPDATED, changes, by=by)


@transaction()
def send_test_mail(recipient: Recipient, *, by: Actor) -> None:
    """Send the sample e-mail, with the saved texts. Raise Forbidden."""
    check_everywhere(by, Permission.SETTINGS_MANAGE)
    send_message(recipient, sample_message, by=by)
    _record(Action.MAIL_SETTINGS_TESTED, {}, by=by)


def _record(action: Action, changes: Changes, *, by: Actor) -> None:
    record(action, subject=SubjectId(SUBJECT_ID), by=by, kind="mail_settings", label="E-mails", changes=changes)


def _cleaned(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts as they are saved. Raise Invalid with the problems of all of them."""
    cleaned, problems = {}, []
    for name, text in texts.items():
        try:
            cleaned[name] = _cleaned_text(name, text)
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    return cleaned


def _cleaned_text(name: str, text: str) -> str:
    if name not in _LINE_LIMITS:
        return clean_paragraphs(text, field=name, max_length=TEXT_MAX)
    line, limit = clean_text(text, field=name, joiners=True), _LINE_LIMITS[name]
    if len(line) > limit:
        raise Invalid(_("Use at most %(max)s characters", max=limit), field=name, code="length")
    return line


def _assign(row: Organisation, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        column, _underscore, locale = name.rpartition("_")
        if column in _TRANSLATED:
            # A new dictionary, because SQLAlchemy does not see changes inside the old one.
            setattr(row, column, getattr(row, column) | {locale: text})
        else:
            setattr(row, name, text)


def _logo_change(before: bytes | None, after: bytes | None) -> Changes:
    """Return the change with the hash of each image."""
    if after is None or (before or b"") == after:
        return {}
    return {"logo": (_digest(before), _digest(after))}


def _digest(logo: bytes | None) -> str | None:
    return hashlib.sha256(logo).hexdigest()[:12] if logo else None
