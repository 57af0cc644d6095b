"""Undo of changes of e-mail settings."""

from __future__ import annotations

from typing import Any

from webapp.access.checks import check_everywhere
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.mail.queries import get_organisation
from webapp.mail_settings.services import TEXT_FIELDS, mail_settings_texts, update_mail_settings


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_everywhere(by, Permission.SETTINGS_MANAGE)
    texts = mail_settings_texts(get_organisation())
    return {name: texts.get(name) for name in record.changes}


def undo_update(record: AuditRecord, by: Actor) -> None:
    texts: Any = {name: before or "" for name, (before, _after) in record.changes.items() if name in TEXT_FIELDS}
    update_mail_settings(**texts, by=by)


UNDOS = {
    # The audit trail does not hold former images.
    Action.MAIL_SETTINGS_UPDATED: Undo(
        Permission.SETTINGS_MANAGE, apply=undo_update, current=_current, fields=TEXT_FIELDS.__contains__
    )
}
