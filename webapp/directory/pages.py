"""The page with the list of users."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.access.queries import names_of_reach
from webapp.access.summaries import access_summaries
from webapp.attributes.display import viewer_attributes
from webapp.attributes.queries import referenced_people
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.directory.clean_address import clean_query
from webapp.directory.display import COLUMN_LABELS, Display
from webapp.directory.filter_labels import filter_labels, offered_columns
from webapp.directory.filter_page import render_filters
from webapp.directory.listing import UserList, count_in_bin, list_users, suggest_users
from webapp.directory.queries import former_matches
from webapp.directory.requests import current_viewer
from webapp.directory.row_tags import row_tags
from webapp.directory.schemas import UserListQuery
from webapp.directory.search_help import SearchHelp
from webapp.directory.suggestions import suggest_searches
from webapp.directory.viewer import Viewer
from webapp.invitations.queries import invitations_of, with_open_invitation
from webapp.users.models import Status
from webapp.web.guards import requires
from webapp.web.paging import parse_query_parameters
from webapp.web.replicas import from_replica
from webapp.web.templating import query_with

directory_pages = Blueprint("directory", __name__, url_prefix="/users")


@directory_pages.get("")
@requires(Permission.USERS_READ)
@from_replica
def index() -> ResponseReturnValue:
    display = Display.of(current_user.user)
    if (query_string := clean_query(request.args)) is not None:
        return redirect(url_for("directory.index") + f"?{query_string}", 303)
    if (address := _redirect_of(display)) is not None:
        return redirect(address, 303)
    viewer = current_viewer()
    try:
        query, page, at_error = _read_page(display, viewer)
    except Refused as error:
        return render_filters(error), 400
    html = render_template(
        "directory/index.html",
        at_error=at_error,
        page=page,
        query=query,
        display=display,
        reached_groups=names_of_reach(viewer.reach),
        **_filters(query),
        **_people(page, display, viewer),
        **_other_searches(query, page, viewer),
    )
    return html, 400 if at_error else 200


def _read_page(display: Display, viewer: Viewer) -> tuple[UserListQuery, UserList, str]:
    """Return the query, its page, and what is wrong with the place where the list should start (`at`).

    If the place is wrong, the page is the first one. Raise Refused for other errors.
    """
    query = parse_query_parameters(UserListQuery, limit=display.limit)
    try:
        return query, list_users(query, viewer), ""
    except Refused as error:
        if [problem.field for problem in error.problems] != ["at"]:
            raise
        query = query.model_copy(update={"at": ""})
        return query, list_users(query, viewer), error.message


def _filters(query: UserListQuery) -> dict[str, Any]:
    """Return all filters, and as `chips` those that the row of statuses does not show.

    `without` has the parameters that remove all chips.
    """
    filters = filter_labels(request.args)
    shown_elsewhere = {"q", "ending"} if len(query.status) > 1 else {"q", "ending", "status"}
    chips = [each for each in filters if each.name not in shown_elsewhere]
    return {"filters": filters, "chips": chips, "without": dict.fromkeys(each.name for each in chips)}


def _people(page: UserList, display: Display, viewer: Viewer) -> dict[str, Any]:
    """Return what the columns show of the people on the page."""
    attributes = (
        [each for each in viewer_attributes() if each.parameter_name in display.columns]
        if display.has_attributes
        else []
    )
    ids = [user.id for user in page.items]
    summaries = access_summaries(ids)
    waiting = [user.id for user in page.items if user.status == Status.INVITED]
    groups = [group for summary in summaries.values() for group in summary.groups]
    domain = current_user.user.email.partition("@")[2]
    return {
        "tags": row_tags(summaries),
        "invitations": invitations_of(ids) if "invitation" in display.columns else {},
        "invited": with_open_invitation(waiting) if "status" in display.columns else set(),
        "former": former_matches(page.items, page.search.words),
        "attributes": attributes,
        "named": referenced_people(attributes, *(user.attributes for user in page.items), reach=viewer.reach),
        "offered": offered_columns() if attributes else COLUMN_LABELS,
        "search_help": SearchHelp.of(domain=domain, group=groups[0] if groups else "", attributes=attributes),
    }


def _other_searches(query: UserListQuery, page: UserList, viewer: Viewer) -> dict[str, Any]:
    """Return what to search for instead, if the search found nothing."""
    found_nothing = query.q and not page.items and not page.search.problems
    suggestions = suggest_searches(query, viewer) if found_nothing else []
    return {
        "suggestions": suggestions,
        "nearest": suggest_users(page.search, viewer) if found_nothing and not suggestions else [],
        "in_bin": count_in_bin(query, viewer) if found_nothing and page.status != Status.DELETED else 0,
    }


def _redirect_of(display: Display) -> str | None:
    """Return the address of the saved view that the request names, or of the start view; else None.

    `view=all` shows everyone to people who have a start view.
    """
    if not request.args:
        return url_for("views.start") if display.view else None
    if request.args.keys() == {"view"}:
        with suppress(ValueError):
            return url_for("views.show", view_id=UUID(request.args["view"]))
    if display.view and "view" not in request.args:
        return url_for("directory.index") + query_with(view="all")
    return None
