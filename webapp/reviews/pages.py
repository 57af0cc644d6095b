"""The pages of access reviews, and of one person on a past day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from webapp.access.models import role_label
from webapp.access.queries import get_role, list_roles
from webapp.access.summaries import access_summaries
from webapp.core.clock import now
from webapp.core.permissions import PERMISSION_LABELS, Permission
from webapp.core.spreadsheets import BOM, csv_text, escape_formula
from webapp.core.texts import _, language, use_language
from webapp.lists.page import paginate
from webapp.reviews.queries import (
    BY_ID,
    allowed_at,
    counted_at,
    ending_grants,
    ending_memberships,
    grants_at,
    grants_between,
    holders_named,
    person_at,
)
from webapp.reviews.schemas import ReviewQuery
from webapp.reviews.services import Line, lines, note_export
from webapp.users.queries import get_user
from webapp.web.guards import actor, reach, requires
from webapp.web.paging import parse_query_parameters

reviews_pages = Blueprint("reviews", __name__)
ENDING_DAYS = timedelta(days=30)
TIME = "%Y-%m-%d %H:%M:%S"
CHANGES = {"gained": _("added"), "lost": _("removed"), "": ""}
HEADS = (
    _("Change"),
    _("Name"),
    _("E-mail address"),
    _("Role"),
    _("Within"),
    _("Through"),
    _("Since (UTC)"),
    _("Until (UTC)"),
)


@reviews_pages.get("/access-review")
@requires(Permission.AUDIT_READ, everywhere=True)
def show() -> ResponseReturnValue:
    """Who had which role on a day, or what changed between two."""
    query = parse_query_parameters(ReviewQuery)
    on, since = query.moment, query.earlier
    grants = grants_at(on, role_id=query.role) if since is None else grants_between(since, on, role_id=query.role)
    page = paginate(grants, BY_ID, query.window)
    return render_template(
        "reviews/show.html",
        page=page,
        query=query,
        on=on,
        since=since,
        people=holders_named(page.items),
        counted_at=counted_at,
        roles=list_roles(),
    )


@reviews_pages.get("/access-review.csv")
@requires(Permission.AUDIT_READ, everywhere=True, sudo=True)
def export() -> ResponseReturnValue:
    """The same person by person: also those who hold a role through a group."""
    query = parse_query_parameters(ReviewQuery)
    on, since = query.moment, query.earlier
    note_export(by=actor(), on=on, since=since)
    rows = _rows(lines(on, since=since, role_id=query.role), language())
    name = f"access-{on:%Y-%m-%d}.csv" if since is None else f"access-{since:%Y-%m-%d}-{on:%Y-%m-%d}.csv"
    response = Response(stream_with_context(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


@reviews_pages.get("/access-review/ending")
@requires(Permission.AUDIT_READ, everywhere=True)
def ending() -> ResponseReturnValue:
    """What ends by itself within the next days."""
    before = now() + ENDING_DAYS
    return render_template(
        "reviews/ending.html",
        days=ENDING_DAYS.days,
        grants=ending_grants(before),
        memberships=ending_memberships(before),
    )


@reviews_pages.get("/users/<uuid:user_id>/as-of")
@requires(Permission.USERS_READ)
def person(user_id: UUID) -> ResponseReturnValue:
    """Who this person was on a day, and what they could do then."""
    query = parse_query_parameters(ReviewQuery)
    user = get_user(user_id, reach=reach(Permission.USERS_READ))
    past = person_at(user, query.moment)
    now_fields = person_at(user, ReviewQuery().moment).fields
    return render_template(
        "reviews/person.html",
        user=user,
        labels=access_summaries([user_id])[user_id],
        query=query,
        on=query.moment,
        past=past,
        now=now_fields,
        permission_labels=PERMISSION_LABELS,
        allowed={grant.role_id: allowed_at(get_role(grant.role_id), query.moment) for grant in past.grants},
    )


def _rows(all_lines: Iterator[Line], locale: str) -> Iterator[str]:
    """The file, in one language: while it is sent, nobody is there any more who could be asked for theirs."""
    with use_language(locale):
        yield BOM + csv_text([map(str, HEADS)])
        for line in all_lines:
            yield csv_text([[escape_formula(str(cell)) for cell in _cells(line)]])


def _cells(line: Line) -> Iterator[object]:
    grant = line.grant
    yield CHANGES[line.change]
    yield from (line.person.name, line.person.email, role_label(grant.role.name))
    yield from (place.name if place else "" for place in (grant.scope, grant.group))
    yield from (f"{moment:{TIME}}" if moment else "" for moment in (grant.starts_at, grant.ends_at))
