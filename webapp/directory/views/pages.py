"""The pages of saved views, and what the list of users is surrounded by: filters, display, palette."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from pydantic import ValidationError

from webapp.access.queries import group_choices, list_roles
from webapp.attributes.display import viewer_attributes
from webapp.audit.flashes import flash_done
from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.directory.display import Display
from webapp.directory.filter_choices import filter_choices
from webapp.directory.filter_labels import LABELS, columns_offered, filters_of
from webapp.directory.listing import list_users, matching_users
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery
from webapp.directory.views.addresses import EVERYONE, canonical, parameters_of, query_of
from webapp.directory.views.forms import AddressForm, DisplayForm, EditViewForm, NewViewForm
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import BY_NAME, find_view, first_views, get_view, listed_views
from webapp.directory.views.services import change_view, delete_view, save_view, set_display, start_with, stop_sharing
from webapp.lists.count import Count, counted
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.forms import safe_next
from webapp.web.guards import actor, reach, requires
from webapp.web.paging import parse_query_parameters
from webapp.web.templating import CURSORS

views_pages = Blueprint("views", __name__)
# In the navigation, and people in the palette.
FIRST, PEOPLE = 8, 8
# Each of them is counted.
PAGE = 25


class ShownView(NamedTuple):
    """The list's address as a view would keep it, and the saved view that it names, if any."""

    address: str
    view: SavedView | None

    @property
    def changed(self) -> bool:
        return self.view is not None and self.view.address != self.address

    @property
    def worth_saving(self) -> bool:
        return self.view is None and self.address != EVERYONE


def shown_view() -> ShownView:
    """For the list: which view this is."""
    try:
        view = find_view(UUID(request.args.get("view", "")), user_id=current_user.id)
    except ValueError:
        view = None
    return ShownView(canonical(request.args), view)


def view_url(view: SavedView) -> str:
    """The list as the view keeps it."""
    return f"{url_for('directory.index')}?{view.address}&view={view.id}"


@views_pages.get("/views")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    query = parse_query_parameters(PageQuery, limit=PAGE)
    page = paginate(listed_views(current_user.id), BY_NAME, query.window)
    told = {view.id: filters_of(parameters_of(view.address)) for view in page.items}
    counts = {view.id: _count(view) for view in page.items}
    start = Display.of(current_user.user).view
    return render_template("directory/views/index.html", page=page, told=told, counts=counts, start=start)


@views_pages.get("/views/new")
@requires(Permission.USERS_READ)
def new() -> ResponseReturnValue:
    """Of the list whose parameters this address holds."""
    return _new(NewViewForm(data={"address": canonical(request.args)}))


@views_pages.post("/views")
@requires(Permission.USERS_READ)
def create() -> ResponseReturnValue:
    form = NewViewForm()
    if form.validate():
        try:
            view = save_view(**_texts(form), by=actor())
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("View %(name)s saved", name=view.name))
            return redirect(view_url(view), 303)
    return _new(form), 422


@views_pages.get("/views/<uuid:view_id>")
@requires(Permission.USERS_READ)
def show(view_id: UUID) -> ResponseReturnValue:
    return redirect(view_url(get_view(view_id, user_id=current_user.id)), 303)


@views_pages.get("/views/start")
@requires(Permission.USERS_READ)
def start() -> ResponseReturnValue:
    """The view that the list opens with; one that does not open any more must not keep anybody from the list."""
    view_id = Display.of(current_user.user).view
    view = find_view(view_id, user_id=current_user.id) if view_id else None
    if view is not None and _count(view) is not None:
        return redirect(view_url(view), 303)
    if view_id:
        flash(_("Your start view was deleted or no longer works, so everyone is shown"), "info")
    return redirect(url_for("directory.index", view="all"), 303)


@views_pages.get("/views/<uuid:view_id>/edit")
@requires(Permission.USERS_READ)
def edit(view_id: UUID) -> ResponseReturnValue:
    view = get_view(view_id, user_id=current_user.id)
    return render_template("directory/views/edit.html", view=view, form=EditViewForm(obj=view))


@views_pages.post("/views/<uuid:view_id>")
@requires(Permission.USERS_READ)
def update(view_id: UUID) -> ResponseReturnValue:
    form = EditViewForm()
    if form.validate():
        try:
            view = change_view(view_id, **form.values, by=actor())
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=view.name))
            return redirect(url_for("views.index"), 303)
    return render_template("directory/views/edit.html", view=get_view(view_id, user_id=current_user.id), form=form), 422


@views_pages.post("/views/<uuid:view_id>/address")
@requires(Permission.USERS_READ)
def overwrite(view_id: UUID) -> ResponseReturnValue:
    """Gives the view the filters, the search and the sort of the list that this was sent from."""
    form = AddressForm()
    if not form.validate():
        raise Invalid(_("This list cannot be saved. Open it again."))
    view = change_view(view_id, version=form.version.data, address=form.address.data, by=actor())
    flash_done(_("View %(name)s saved", name=view.name))
    return redirect(view_url(view), 303)


@views_pages.post("/views/<uuid:view_id>/deletion")
@requires(Permission.USERS_READ)
def delete(view_id: UUID) -> ResponseReturnValue:
    view = delete_view(view_id, by=actor())
    flash_done(_("View %(name)s deleted", name=view.name))
    return redirect(url_for("views.index"), 303)


@views_pages.post("/views/<uuid:view_id>/sharing/end")
@requires(Permission.USERS_READ)
def end_sharing(view_id: UUID) -> ResponseReturnValue:
    view = stop_sharing(view_id, by=actor())
    flash(_("View %(name)s is no longer shared", name=view.name), "success")
    return redirect(url_for("views.index"), 303)


@views_pages.post("/views/<uuid:view_id>/start")
@requires(Permission.USERS_READ)
def set_start(view_id: UUID) -> ResponseReturnValue:
    start_with(view_id, by=actor())
    flash(_("The list of users now starts with this view"), "success")
    return redirect(url_for("views.index"), 303)


@views_pages.post("/views/start/end")
@requires(Permission.USERS_READ)
def end_start() -> ResponseReturnValue:
    start_with(None, by=actor())
    flash(_("The list of users now starts with everyone"), "success")
    return redirect(url_for("views.index"), 303)


@views_pages.get("/views/counts")
@requires(Permission.USERS_READ)
def counts() -> ResponseReturnValue:
    """For the navigation: fetched once the page is there, so that no page waits for what is counted."""
    views = first_views(current_user.id, FIRST)
    return render_template("directory/views/_counts.html", views=[(view, _count(view)) for view in views])


@views_pages.get("/users/filters")
@requires(Permission.USERS_READ)
def filters() -> ResponseReturnValue:
    """Everything that the list of this address can be narrowed by: a page, of which the list shows the form."""
    attributes = viewer_attributes()
    asked = {*LABELS, *(attribute.parameter_name for attribute in attributes)} - {"q"}
    return render_template(
        "directory/filters.html",
        choices=filter_choices(list_roles()),
        groups=group_choices(reach(Permission.USERS_READ)),
        attributes=attributes,
        rest={
            name: value for name, value in request.args.items() if value and name not in asked and name not in CURSORS
        },
    )


@views_pages.get("/users/display")
@requires(Permission.USERS_READ)
def choose_display() -> ResponseReturnValue:
    """Everything that can be a column: attributes too, which no list reads that shows none."""
    display = Display.of(current_user.user)
    return render_template("directory/display.html", display=display, offered=columns_offered())


@views_pages.post("/users/display")
@requires(Permission.USERS_READ)
def display() -> ResponseReturnValue:
    form = DisplayForm()
    if not form.validate():
        raise Invalid(_("Choose one of the options"))
    columns, offered = form.columns.data or [], columns_offered()
    set_display(columns=columns, density=form.density.data, limit=form.limit.data, offered=offered, by=actor())
    return redirect(safe_next(request.form.get("next"), url_for("directory.index")), 303)


@views_pages.get("/palette")
@requires(Permission.USERS_READ)
def palette() -> ResponseReturnValue:
    """The first people whom the words find."""
    query = parse_query_parameters(UserListQuery)
    if not query.q:
        return render_template("directory/_people.html", people=[], q="")
    page = list_users(query.model_copy(update={"limit": PEOPLE}), current_viewer())
    return render_template("directory/_people.html", people=page.items, q=page.search.marks)


def _count(view: SavedView) -> Count | None:
    """How many people are in it, of those whom the person looking sees; None when it does not open any more."""
    try:
        return counted(matching_users(query_of(view.address), current_viewer()).query)
    except (Refused, ValidationError):
        return None


def _new(form: NewViewForm) -> str:
    told = filters_of(parameters_of(form.address.data or EVERYONE))
    return render_template("directory/views/new.html", form=form, told=told)


def _texts(form: NewViewForm) -> dict[str, Any]:
    return form.values | {"address": form.address.data or ""}
