"""The audit page, its export, and undo of one change."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.audit.flashes import flash_done
from webapp.audit.labels import subject_text
from webapp.audit.models import AuditRecord
from webapp.audit.queries import NEWEST_FIRST, get_record
from webapp.audit.undo import ChangedSince, ComparedField, compare_fields, undo_change
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.history.comparison import compared_rows
from webapp.history.exports import CONTENT_TYPES, FORMATS, export
from webapp.history.filter_form import filter_form
from webapp.history.filters import parse_query
from webapp.history.guards import allowed_actor
from webapp.history.schemas import HistoryQuery
from webapp.lists.count import Count
from webapp.lists.page import Page, paginate
from webapp.users.seen import record_seen
from webapp.web.forms import Form, safe_next
from webapp.web.guards import actor, can, requires, signed_in
from webapp.web.paging import parse_filters, parse_query_parameters
from webapp.web.replicas import from_replica

history_pages = Blueprint("history", __name__, url_prefix="/audit")
EMPTY_PAGE: Page[AuditRecord] = Page([], None, None, Count(0, exact=True))


@history_pages.get("")
@requires(Permission.AUDIT_READ, everywhere=True)
@from_replica
def index() -> ResponseReturnValue:
    if current_user.user.audit_seen_at is None:
        record_seen(current_user.user.id, audit_seen_at=now())
    query, errors = parse_filters(HistoryQuery, ("since", "until"))
    parsed = parse_query(query)
    if parsed.since and parsed.until and parsed.since >= parsed.until:
        errors["until"] = _("Enter a later day: this period has no days")
    records = None if errors else parsed.records
    page = EMPTY_PAGE if records is None else paginate(records, NEWEST_FIRST, query.window)
    html = render_template(
        "history/index.html",
        page=page,
        query=query,
        parsed=parsed,
        filter_form=filter_form(query, parsed),
        errors=errors,
    )
    return html, 400 if errors else 200


@history_pages.post("/exports/<file_format>")
@requires(Permission.AUDIT_READ, sudo=True, everywhere=True)
def export_as(file_format: str) -> ResponseReturnValue:
    """Export by POST, because the export writes an audit record."""
    if file_format not in FORMATS:
        raise NotFound(_("Check the address. The page may have moved."))
    query = parse_query_parameters(HistoryQuery)
    parsed = parse_query(query)
    if parsed.records is None:
        raise Refused(_("Choose a user first"))
    batches = export(parsed.records, file_format, by=actor(), filters=query.filters)
    response = Response(stream_with_context(batches), content_type=CONTENT_TYPES[file_format])
    response.headers.set("Content-Disposition", "attachment", filename=f"audit-{now():%Y-%m-%d}.{file_format}")
    return response


@history_pages.get("/<uuid:record_id>/undo")
@signed_in
def confirm_undo(record_id: UUID) -> ResponseReturnValue:
    record = get_record(record_id)
    return _confirmation(record, compare_fields(record, by=allowed_actor(record)))


@history_pages.post("/<uuid:record_id>/undo")
@signed_in
def undo(record_id: UUID) -> ResponseReturnValue:
    record = get_record(record_id)
    by = allowed_actor(record)
    try:
        undo_change(record_id, by=by)
    except ChangedSince as error:
        return _confirmation(get_record(record_id), error.compared), 409
    except Invalid as error:
        form = Form()
        form.add_error(error)
        record = get_record(record_id)
        return _confirmation(record, compare_fields(record, by=by), form), 422
    flash_done(_("The change was undone"))
    return redirect(_next_url(record), 303)


def _confirmation(record: AuditRecord, compared: list[ComparedField], form: Form | None = None) -> str:
    return render_template(
        "history/undo.html",
        record=record,
        subject=subject_text(record.subject_kind, record.subject_label),
        rows=compared_rows(compared),
        conflict=any(field.conflicts for field in compared),
        form=form or Form(),
        back=_next_url(record),
    )


def _next_url(record: AuditRecord) -> str:
    """Return the parameter `next` if it is safe, else a page that the viewer can open."""
    if record.subject_kind == "user" and can(Permission.USERS_READ):
        default = url_for("users.show", user_id=record.subject_id)
    elif can(Permission.AUDIT_READ, everywhere=True):
        default = url_for("history.index")
    else:
        default = url_for("account.show")
    return safe_next(request.values.get("next"), default)
