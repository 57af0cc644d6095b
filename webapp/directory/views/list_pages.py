"""Pages beside the list of users: all filters, all columns, the people picker."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.errors import Invalid
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.directory.display import Display
from webapp.directory.filter_labels import offered_columns
from webapp.directory.filter_page import render_filters
from webapp.directory.people_picker import search_people
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery
from webapp.directory.status_counts import status_counts
from webapp.directory.views.display_settings import set_display
from webapp.directory.views.forms import DisplayForm
from webapp.web.forms import safe_next
from webapp.web.guards import actor, requires
from webapp.web.paging import parse_query_parameters
from webapp.web.replicas import from_replica

list_pages = Blueprint("list", __name__)


@list_pages.get("/users/filters")
@requires(Permission.USERS_READ)
def filters() -> ResponseReturnValue:
    """Show all filters. The list loads the form of this page."""
    return render_filters()


@list_pages.get("/users/status-counts")
@requires(Permission.USERS_READ)
@from_replica
def count_statuses() -> ResponseReturnValue:
    """Show the number of people with each status. The list loads it."""
    query = parse_query_parameters(UserListQuery)
    counts = status_counts(query, current_viewer())
    return render_template("directory/_status_counts.html", counts=counts)


@list_pages.get("/users/display")
@requires(Permission.USERS_READ)
def choose_display() -> ResponseReturnValue:
    """Show all columns, with attributes. The list reads attributes only if it shows one."""
    display = Display.of(current_user.user)
    return render_template("directory/display.html", display=display, offered=offered_columns())


@list_pages.post("/users/display")
@requires(Permission.USERS_READ)
def display() -> ResponseReturnValue:
    form = DisplayForm()
    if not form.validate():
        raise Invalid(_("Choose one of the options"))
    columns, offered = form.columns.data or [], offered_columns()
    set_display(columns=columns, density=form.density.data, limit=form.limit.data, offered=offered, by=actor())
    return redirect(safe_next(request.form.get("next"), url_for("directory.index")), 303)


@list_pages.get("/users/choices")
@requires(Permission.USERS_READ)
@from_replica
def choices() -> ResponseReturnValue:
    """Show the first people that match the search, as options of a people picker."""
    query = parse_query_parameters(UserListQuery)
    return render_template("directory/_choices.html", people=search_people(query.q, current_viewer()))
