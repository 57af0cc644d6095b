"""Access reviews in the JSON API: who held which role on a day, and what changed between two days."""

from __future__ import annotations

from flask import Response, stream_with_context

from webapp.core.errors import BadParameters, Invalid
from webapp.core.permissions import Permission
from webapp.core.texts import language
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.reviews.api_schemas import ReviewIn, ReviewPage, ReviewRowOut
from webapp.reviews.csv_file import csv_filename, csv_lines
from webapp.reviews.days import check_archived, order_problem
from webapp.reviews.grants import BY_ID, select_review
from webapp.reviews.rows import review_rows
from webapp.reviews.schemas import ReviewQuery
from webapp.reviews.services import record_export, review_lines
from webapp.web.api import api_blueprint, page_response
from webapp.web.guards import actor, requires
from webapp.web.replicas import from_replica

reviews_api = api_blueprint("reviews_api", __name__, tag="Roles")
_FILE = {"content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}


@reviews_api.get(
    "/access-review",
    summary="Review access",
    description="The roles that users and groups held on a day, or what differs from an earlier day.",
    responses={200: ReviewPage},
)
@requires(Permission.AUDIT_READ, everywhere=True)
@from_replica
def index(query: ReviewQuery) -> Response:
    check_archived(query)
    if problem := order_problem(query):
        raise BadParameters([problem])
    on, since = query.moment, query.earlier_moment
    page = paginate(select_review(on, since=since, role_id=query.role), BY_ID, query.window)
    items = [ReviewRowOut.of(row) for row in review_rows(page.items, on=on, since=since)]
    return page_response(ReviewPage(items=items, **page_fields(page)), page)


@reviews_api.post(
    "/access-review/file",
    summary="Export an access review",
    description="A CSV file with a line for each user and role, also for roles through groups. The audit trail records"
    " each export.",
    responses={200: _FILE},
)
@requires(Permission.AUDIT_READ, everywhere=True, sudo=True)
def export(body: ReviewIn) -> Response:
    query = ReviewQuery.model_validate(body.model_dump(exclude_none=True))
    check_archived(query)
    if problem := order_problem(query):
        raise Invalid(str(problem.message), [problem])
    on, since = query.moment, query.earlier_moment
    record_export(by=actor(), on=on, since=since)
    lines = csv_lines(review_lines(on, since=since, role_id=query.role), language())
    response = Response(stream_with_context(lines), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=csv_filename(on, since))
    return response
