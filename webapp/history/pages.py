"""The audit trail: the page, its export, and taking a change back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from webapp.attributes.display import field_labels
from webapp.audit.flashes import flash_done
from webapp.audit.labels import ACTION_LABELS
from webapp.audit.models import Action, AuditRecord
from webapp.audit.queries import NEWEST_FIRST, get_record
from webapp.audit.undo import ChangedSince, compare_fields, find_undo, undo_change
from webapp.core.clock import now
from webapp.core.errors import Forbidden, NotFound, Refused
from webapp.core.permissions import Permission
from webapp.core.text import fold_text
from webapp.core.texts import _
from webapp.history.exports import FORMS, TYPES, export
from webapp.history.schemas import HistoryQuery
from webapp.history.searching import asked_for
from webapp.lists.count import Count
from webapp.lists.page import Page, paginate
from webapp.web.forms import Form, safe_next
from webapp.web.guards import actor, can, check_confirmed, requires, signed_in
from webapp.web.paging import parse_query_parameters

history_pages = Blueprint("history", __name__, url_prefix="/audit")
# To give and take these asks for the password again, also by the way of taking back.
SENSITIVE = {Permission.ROLES_GRANT, Permission.ROLES_MANAGE, Permission.SETTINGS_MANAGE}
# Undoing it moves somebody to the bin.
INTO_THE_BIN = Action.USER_RESTORED
NOTHING: Page[AuditRecord] = Page([], None, None, Count(0, exact=True))


@history_pages.get("")
@requires(Permission.AUDIT_READ, everywhere=True)
def index() -> ResponseReturnValue:
    query = parse_query_parameters(HistoryQuery)
    asked = asked_for(query)
    page = NOTHING if asked.records is None else paginate(asked.records, NEWEST_FIRST, query.window)
    return render_template(
        "history/index.html",
        page=page,
        query=query,
        asked=asked,
        last_day=asked.until - timedelta(seconds=1) if asked.until else None,
        actions=_sorted(ACTION_LABELS),
        fields=_sorted(field_labels()),
    )


@history_pages.post("/exports/<form>")
@requires(Permission.AUDIT_READ, sudo=True, everywhere=True)
def export_as(form: str) -> ResponseReturnValue:
    """A form and no link: that it was made is a change."""
    if form not in FORMS:
        raise NotFound(_("The address may be mistyped, or what was here has moved."))
    query = parse_query_parameters(HistoryQuery)
    asked = asked_for(query)
    if asked.records is None:
        raise Refused(_("Choose who is meant first."))
    parts = export(asked.records, form, by=actor(), filters=query.filters)
    response = Response(stream_with_context(parts), content_type=TYPES[form])
    response.headers.set("Content-Disposition", "attachment", filename=f"audit-{now():%Y-%m-%d}.{form}")
    return response


@history_pages.get("/<uuid:record_id>/undo")
@signed_in
def confirm_undo(record_id: UUID) -> ResponseReturnValue:
    record = get_record(record_id)
    return _confirmation(record, compared=compare_fields(record, by=_allowed(record)))


@history_pages.post("/<uuid:record_id>/undo")
@signed_in
def undo(record_id: UUID) -> ResponseReturnValue:
    record = get_record(record_id)
    by = _allowed(record)
    try:
        undo_change(record_id, by=by)
    except ChangedSince as error:
        return _confirmation(get_record(record_id), compared=error.compared), 409
    flash_done(_("The change was undone."))
    return redirect(_way_back(record), 303)


def can_undo(record: AuditRecord) -> bool:
    """For templates: whether the person looking may take this change back. The service asks again, and more exactly."""
    way = find_undo(record)
    return way is not None and can(way.permission)


def _sorted(labels: Mapping[Any, str]) -> dict[Any, str]:
    """As people find them: by what they are called in the viewer's language."""
    return dict(sorted(labels.items(), key=lambda item: fold_text(str(item[1]))))


def _allowed(record: AuditRecord) -> Any:
    """Who acts. Raises Forbidden before anything of the record is shown to who may not change such things at all."""
    way = find_undo(record)
    by = actor()
    if way is not None and not can(way.permission) and by.id != record.subject_id:
        raise Forbidden(_("Your account may not do this. An owner of this Rollcall can."))
    if way is not None and (way.permission in SENSITIVE or record.action == INTO_THE_BIN):
        check_confirmed()
    return by


def _confirmation(record: AuditRecord, **context: Any) -> str:
    return render_template("history/undo.html", record=record, form=Form(), back=_way_back(record), **context)


def _way_back(record: AuditRecord) -> str:
    asked = request.values.get("next")
    if record.subject_kind == "user" and can(Permission.USERS_READ):
        return safe_next(asked, url_for("users.show", user_id=record.subject_id))
    return safe_next(
        asked, url_for("history.index") if can(Permission.AUDIT_READ, everywhere=True) else url_for("account.show")
    )
