"""The audit trail in the JSON API."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from webapp.audit.archives import archived_before
from webapp.audit.queries import NEWEST_FIRST, get_record
from webapp.audit.schemas import AuditRecordOut
from webapp.audit.undo import undo_change
from webapp.core.permissions import Permission
from webapp.history.filters import checked_records
from webapp.history.guards import allowed_actor
from webapp.history.schemas import AuditRecordPage, AuditRecordPath, HistoryQuery, UndoOut
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.web.api import api_blueprint, created_response, json_response, page_response
from webapp.web.guards import requires, signed_in
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.replicas import from_replica

history_api = api_blueprint("history_api", __name__, tag="Audit trail")


@history_api.get(
    "/audit-records",
    summary="List audit records",
    description="Newest first. To follow new records, use the event stream.",
    responses={200: AuditRecordPage},
)
@requires(Permission.AUDIT_READ, everywhere=True)
@from_replica
def index(query: HistoryQuery) -> Response:
    page = paginate(checked_records(query), NEWEST_FIRST, query.window)
    items = [AuditRecordOut.of(record) for record in page.items]
    return page_response(AuditRecordPage(items=items, archived_before=archived_before(), **page_fields(page)), page)


@history_api.get(
    "/audit-records/<uuid:record_id>",
    summary="Show an audit record",
    responses=problem_responses(404) | {200: AuditRecordOut},
)
@requires(Permission.AUDIT_READ, everywhere=True)
def show(path: AuditRecordPath) -> Response:
    return json_response(AuditRecordOut.of(get_record(path.record_id)))


@history_api.post(
    "/audit-records/<uuid:record_id>/undo",
    summary="Undo a change",
    description="Makes the opposite change, with its own audit record. It takes the permission of the change. 409 if it"
    " was undone already, or if it was changed again later. 400 for what cannot be undone.",
    responses=problem_responses(404, 409) | {201: UndoOut},
)
@signed_in
def undo(path: AuditRecordPath) -> Response:
    by = allowed_actor(get_record(path.record_id))
    return idempotent(lambda: _undone(undo_change(path.record_id, by=by)))


def _undone(record_id: UUID) -> Response:
    return created_response(json_response(UndoOut(record_id=record_id)), "history_api.show", record_id=record_id)
