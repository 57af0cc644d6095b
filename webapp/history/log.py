"""Rows of a list of audit records, as the macro `log` in components/changes.html prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from flask import request, url_for
from markupsafe import Markup, escape

from webapp.attributes.display import can_see_change, field_label
from webapp.audit.labels import subject_text, system_actor_text
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import find_undo
from webapp.core.permissions import ActorKind
from webapp.core.texts import _
from webapp.history.titles import names_password, record_title
from webapp.users.shown_values import isolated, quiet, shown_value
from webapp.web.guards import can
from webapp.web.templating import url_with

# The first part that an action's name contains decides its icon.
ICONS = (
    ("session.started", "enter"),
    ("session", "exit"),
    ("reactivate", "user-on"),
    ("deactivate", "user-off"),
    ("user.deleted", "bin"),
    ("user.purged", "bin"),
    ("restore", "undo"),
    ("user.created", "user-plus"),
    ("invitation", "mail"),
    ("password", "key"),
    ("token", "key"),
    ("role", "shield"),
    ("group", "users"),
    ("member", "users"),
    ("job", "clock"),
    ("schedule", "clock"),
    ("export", "download"),
    ("report", "download"),
    ("photo", "camera"),
    ("duplicate", "users"),
    ("merge", "users"),
)


@dataclass(frozen=True, slots=True)
class LogField:
    """One changed field. Without `label`, only the fact of the change is shown (a password). `before` may be None."""

    label: str
    before: Markup | None
    after: Markup


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One record. URLs are empty where the list has no link, `subject` is None where it is not shown."""

    title: str
    icon: str
    at: datetime
    undone: bool
    undoes: bool
    erased: bool
    subject: Markup | None
    subject_url: str
    subject_label: str
    actor: Markup
    actor_kind: str
    actor_url: str
    address: str
    request_id: str
    reason: str
    fields: list[LogField]
    undo_url: str


class _List(NamedTuple):
    """The list that the entries are for, see `log_entries`. `next_url` is its address, for the page after Undo."""

    wide: bool
    about: UUID | None
    next_url: str
    url_of_subject: Callable[[UUID], str]
    url_of_actor: Callable[[UUID], str]


def log_entries(
    records: Iterable[AuditRecord], *, wide: bool, offer_undo: bool, about: UUID | None = None
) -> Iterator[LogEntry]:
    """`wide`: the list has records of many subjects, so each names its subject and links to filters.

    `about`: the list is that of this user. Records of accounts that were merged into theirs name their subject.
    """
    next_url = request.full_path.rstrip("?") if offer_undo else ""
    shown_in = _List(wide, about, next_url, _filter_link("subject"), _filter_link("actor"))
    return (_log_entry(record, shown_in) for record in records)


def _log_entry(record: AuditRecord, shown_in: _List) -> LogEntry:
    shown = [name for name, pair in record.changes.items() if _is_shown(name, *pair)]
    is_titled = names_password(record.action, shown)
    subject, subject_url = _subject_and_url(record, shown_in)
    return LogEntry(
        title=record_title(record.action, shown),
        icon=icon_of(record.action),
        at=record.at,
        undone=record.undone_by_id is not None,
        undoes=record.undoes_id is not None,
        erased=record.erased,
        subject=subject,
        subject_url=subject_url,
        subject_label=subject_text(record.subject_kind, record.subject_label),
        actor=_actor(record),
        actor_kind=record.actor_kind,
        actor_url=shown_in.url_of_actor(record.actor_id) if shown_in.wide and record.actor_id else "",
        address=record.address,
        request_id=record.request_id,
        reason=record.reason,
        fields=[_field(name, *record.changes[name]) for name in shown if name != "password" or not is_titled],
        undo_url=_undo_url(record, shown_in.next_url) if shown_in.next_url else "",
    )


def _subject_and_url(record: AuditRecord, shown_in: _List) -> tuple[Markup | None, str]:
    """Return the subject and its address, or (None, "") if the list does not name it."""
    if shown_in.about is not None and record.subject_id != shown_in.about:
        return _subject(record), url_for("users.show", user_id=record.subject_id)
    if shown_in.wide and record.subject_kind != "audit":
        return _subject(record), shown_in.url_of_subject(record.subject_id)
    return None, ""


def shown_changes(record: AuditRecord) -> dict[str, list[Any]]:
    """Return the changes that the viewer may see, as a person reads them. A password has no values."""
    return {name: pair for name, pair in record.changes.items() if _is_shown(name, *pair)}


def _undo_url(record: AuditRecord, next_url: str) -> str:
    return url_for("history.confirm_undo", record_id=record.id, next=next_url) if can_undo(record) else ""


def can_undo(record: AuditRecord) -> bool:
    """Return whether the page offers Undo to the viewer. The service checks again, for this subject."""
    undo = find_undo(record)
    return undo is not None and can(undo.permission)


def _filter_link(parameter: str) -> Callable[[UUID], str]:
    """Return a function from an ID to the address of this list with a filter by it.

    `url_with` would parse the whole address for each link.
    """
    address = url_with(**{parameter: None})
    separator = "&" if "?" in address else "?"
    return lambda value: f"{address}{separator}{parameter}={value}"


def icon_of(action: str) -> str:
    return next((icon for part, icon in ICONS if part in action), "edit")


def _subject(record: AuditRecord) -> Markup:
    """Return the name of the subject at that time, or the first digits of its ID if it has no name."""
    if label := subject_text(record.subject_kind, record.subject_label):
        return isolated(label)
    if record.erased:
        return quiet(_("erased"))
    return Markup(f"<code>{str(record.subject_id)[:8]}</code>")  # noqa: S704  an id


def _actor(record: AuditRecord) -> Markup:
    if record.erased:
        by_person = record.actor_kind in {ActorKind.USER, ActorKind.TOKEN}
        return escape(_("Erased user") if by_person else _("Unknown"))
    if record.actor_kind == ActorKind.SYSTEM:
        return isolated(system_actor_text(record.actor_label))
    return isolated(record.actor_label or _("Unknown"))


def _is_shown(field: str, before: Value, after: Value) -> bool:
    """Whether a person reads the field. IDs are stored for undo, hashes for `audit verify`."""
    is_technical = field.endswith(("_id", "_hash"))
    return not (before is None and after is None) and not is_technical and can_see_change(field)


def _field(name: str, before: Value, after: Value) -> LogField:
    shown_before = None if before is None or before == "" else shown_value(name, before)
    label = "" if name == "password" else str(field_label(name) or name)
    return LogField(label, shown_before, shown_value(name, after))
