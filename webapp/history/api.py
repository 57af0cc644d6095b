"""The audit trail in the JSON API."""

from __future__ import annotations

from flask import Response, jsonify
from sqlalchemy import Select

from webapp.audit.models import AuditRecord
from webapp.audit.queries import NEWEST_FIRST, get_record
from webapp.audit.schemas import AuditRecordOut
from webapp.core.errors import BadParameters, Problem
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.history.filters import parse_query
from webapp.history.schemas import AuditRecordPage, AuditRecordPath, HistoryQuery
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.web.api import api_blueprint, page_response
from webapp.web.guards import requires
from webapp.web.openapi import problem_responses

history_api = api_blueprint("history_api", __name__, tag="Audit trail")


@history_api.get(
    "/audit-records",
    summary="List audit records",
    description="Newest first. To follow new records, use the event stream.",
    responses={200: AuditRecordPage},
)
@requires(Permission.AUDIT_READ, everywhere=True)
def index(query: HistoryQuery) -> Response:
    page = paginate(_records(query), NEWEST_FIRST, query.window)
    items = [AuditRecordOut.of(record) for record in page.items]
    return page_response(AuditRecordPage(items=items, **page_fields(page)), page)


@history_api.get(
    "/audit-records/<uuid:record_id>",
    summary="Show an audit record",
    responses=problem_responses(404) | {200: AuditRecordOut},
)
@requires(Permission.AUDIT_READ, everywhere=True)
def show(path: AuditRecordPath) -> Response:
    return jsonify(AuditRecordOut.of(get_record(path.record_id)).model_dump(mode="json"))


def _records(query: HistoryQuery) -> Select[AuditRecord]:
    """Raise BadParameters if a text does not name one person, or if the period has no time."""
    parsed, problems = parse_query(query), list[Problem]()
    for name, person in (("actor", parsed.actor), ("subject", parsed.subject)):
        if person is not None and person.id is None:
            problems.append(Problem(name, "unknown", _("Enter an e-mail address, username or ID")))
    if parsed.since and parsed.until and parsed.since >= parsed.until:
        problems.append(Problem("until", "order", _("Enter a later day: this period has no days")))
    if problems or parsed.records is None:
        raise BadParameters(problems)
    return parsed.records
