"""Pages of access reviews, and of one person on a past day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from webapp.access.queries import list_roles
from webapp.access.summaries import access_summaries
from webapp.attributes.display import viewer_attributes
from webapp.core.clock import now
from webapp.core.errors import BadParameters
from webapp.core.permissions import Permission
from webapp.core.texts import language
from webapp.lists.page import paginate
from webapp.reviews.csv_file import csv_filename, csv_lines
from webapp.reviews.days import archived_days, check_archived, order_problem
from webapp.reviews.ending import ENDING_MAX, list_ending_grants, list_ending_memberships
from webapp.reviews.grants import BY_ID, select_review
from webapp.reviews.past_state import get_person_at
from webapp.reviews.rows import added, ended_ids, field_rows, grant_rows, review_rows
from webapp.reviews.schemas import ReviewQuery
from webapp.reviews.services import record_export, review_lines
from webapp.users.viewer import get_visible_user
from webapp.web.guards import actor, requires
from webapp.web.paging import parse_filters, parse_query_parameters
from webapp.web.replicas import from_replica

reviews_pages = Blueprint("reviews", __name__)
ENDING_SOON = timedelta(days=30)


@reviews_pages.get("/access-review")
@requires(Permission.AUDIT_READ, everywhere=True)
@from_replica
def show() -> ResponseReturnValue:
    """List the grants of a day, or the changes between two days."""
    query, errors = parse_filters(ReviewQuery, ("on", "since"))
    errors |= {problem.field: problem.message for problem in archived_days(query)}
    if problem := order_problem(query):
        errors["since"] = problem.message
    on, since, role_id = query.moment, query.earlier_moment, query.role
    page = paginate(select_review(on, since=since, role_id=role_id), BY_ID, query.window)
    html = render_template(
        "reviews/show.html",
        errors=errors,
        page=page,
        rows=review_rows(page.items, on=on, since=since),
        query=query,
        on=on,
        since=since,
        roles=list_roles(),
    )
    return html, 400 if errors else 200


@reviews_pages.get("/access-review.csv")
@requires(Permission.AUDIT_READ, everywhere=True, sudo=True)
def export() -> ResponseReturnValue:
    """Export the review with one line for each person, including people who have a role through a group."""
    query = parse_query_parameters(ReviewQuery)
    check_archived(query)
    if problem := order_problem(query):
        raise BadParameters([problem])
    on, since = query.moment, query.earlier_moment
    record_export(by=actor(), on=on, since=since)
    lines = csv_lines(review_lines(on, since=since, role_id=query.role), language())
    response = Response(stream_with_context(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename={csv_filename(on, since)}"
    return response


@reviews_pages.get("/access-review/ending")
@requires(Permission.AUDIT_READ, everywhere=True)
@from_replica
def ending() -> ResponseReturnValue:
    """List the roles and memberships that end soon."""
    before = now() + ENDING_SOON
    grants, memberships = list_ending_grants(before), list_ending_memberships(before)
    return render_template(
        "reviews/ending.html",
        days=ENDING_SOON.days,
        grants=grants,
        memberships=memberships,
        listed_max=ENDING_MAX,
        is_cut=ENDING_MAX in {len(grants), len(memberships)},
    )


@reviews_pages.get("/users/<uuid:user_id>/as-of")
@requires(Permission.USERS_READ)
@from_replica
def person(user_id: UUID) -> ResponseReturnValue:
    """Show one person on a past day, with their roles, groups and permissions of that day."""
    query, errors = parse_filters(ReviewQuery, ("on",))
    errors |= {problem.field: problem.message for problem in archived_days(query)}
    user = get_visible_user(user_id)
    attributes, moment = viewer_attributes(), now()
    past, current = get_person_at(user, query.moment, attributes), get_person_at(user, moment, attributes)
    html = render_template(
        "reviews/person.html",
        errors=errors,
        user=user,
        labels=access_summaries([user_id])[user_id],
        query=query,
        on=query.moment,
        existed=past.fields is not None,
        fields=field_rows(past.fields or {}, current.fields or {}),
        grants=grant_rows(past.grants, query.moment),
        memberships=past.memberships,
        new_grants=grant_rows(added(past.grants, current.grants), moment),
        new_memberships=added(past.memberships, current.memberships),
        ended=ended_ids(past, current),
    )
    return html, 400 if errors else 200
