"""The pages of saved views."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.audit.actions import Action
from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.directory.display import Display
from webapp.directory.filter_labels import filter_labels
from webapp.directory.views.addresses import EVERYONE, canonical_address, parameters_of
from webapp.directory.views.display_settings import set_start_view
from webapp.directory.views.forms import AddressForm, EditViewForm, NewViewForm
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import BY_NAME, find_view, first_views, get_view, list_views
from webapp.directory.views.rows import view_row
from webapp.directory.views.services import change_view, delete_view, save_view, stop_sharing
from webapp.directory.views.shown_view import count_people, view_url
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.guards import actor, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, VersionedForm, conflict_page, save_merged
from webapp.web.paging import parse_query_parameters
from webapp.web.replicas import from_replica

views_pages = Blueprint("views", __name__)
NAVIGATION_VIEWS_MAX = 8
# A page counts the people of each of its views.
PAGE = 25


@views_pages.get("/views")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    query = parse_query_parameters(PageQuery, limit=PAGE)
    page = paginate(list_views(current_user.id), BY_NAME, query.window)
    start_view_id = Display.of(current_user.user).view
    rows = [view_row(view, user_id=current_user.id, start_view_id=start_view_id) for view in page.items]
    return render_template("directory/views/index.html", page=page, rows=rows, has_start_view=start_view_id is not None)


@views_pages.get("/views/new")
@requires(Permission.USERS_READ)
def new() -> ResponseReturnValue:
    """Show the form for a view of the list with these parameters."""
    return _new_page(NewViewForm(data={"address": canonical_address(request.args)}))


@views_pages.post("/views")
@requires(Permission.USERS_READ)
def create() -> ResponseReturnValue:
    form = NewViewForm()
    if form.validate():
        try:
            view_id = created_once(form, lambda: save_view(**_form_values(form), by=actor()).id)
        except Refused as error:
            form.add_error(error)
        else:
            view = get_view(view_id, user_id=current_user.id)
            flash_done(_("View %(name)s saved", name=view.name))
            return redirect(view_url(view), 303)
    return _new_page(form), 422


@views_pages.get("/views/<uuid:view_id>")
@requires(Permission.USERS_READ)
def show(view_id: UUID) -> ResponseReturnValue:
    return redirect(view_url(_visible_view(view_id)), 303)


@views_pages.get("/views/start")
@requires(Permission.USERS_READ)
def start() -> ResponseReturnValue:
    """Redirect to the start view. If it no longer works, redirect to everyone."""
    view_id = Display.of(current_user.user).view
    view = find_view(view_id, user_id=current_user.id) if view_id else None
    if view is not None and count_people(view) is not None:
        return redirect(view_url(view), 303)
    if view_id:
        flash(_("Your start view was deleted or no longer works, so everyone is shown"), "info")
    return redirect(url_for("directory.index", view="all"), 303)


@views_pages.get("/views/<uuid:view_id>/edit")
@requires(Permission.USERS_READ)
def edit(view_id: UUID) -> ResponseReturnValue:
    view = _visible_view(view_id)
    return render_template("directory/views/edit.html", view=view, form=EditViewForm(None, obj=view))


@views_pages.post("/views/<uuid:view_id>")
@requires(Permission.USERS_READ)
def update(view_id: UUID) -> ResponseReturnValue:
    form = EditViewForm()
    if form.validate():
        try:
            view = save_merged(
                form,
                lambda: change_view(view_id, **form.values, by=actor()),
                saved=lambda: EditViewForm(None, obj=_visible_view(view_id)),
            )
        except Conflict as conflict:
            back = url_for("views.index")
            return _conflict_page(_visible_view(view_id), form, conflict, action="views.update", back=back), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=view.name))
            return redirect(url_for("views.index"), 303)
    return render_template("directory/views/edit.html", view=_visible_view(view_id), form=form), 422


@views_pages.post("/views/<uuid:view_id>/address")
@requires(Permission.USERS_READ)
def overwrite(view_id: UUID) -> ResponseReturnValue:
    """Replace filters, search and sort order of the view by those of the list that sent the form."""
    form = AddressForm()
    if not form.validate():
        raise Invalid(_("This list cannot be saved. Open it again."))
    try:
        view = save_merged(
            form,
            lambda: change_view(view_id, **form.values, by=actor()),
            saved=lambda: AddressForm(None, obj=_visible_view(view_id)),
        )
    except Conflict as conflict:
        view = _visible_view(view_id)
        return _conflict_page(view, form, conflict, action="views.overwrite", back=view_url(view)), 409
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
    set_start_view(view_id, by=actor())
    flash(_("The list of users now starts with this view"), "success")
    return redirect(url_for("views.index"), 303)


@views_pages.post("/views/start/end")
@requires(Permission.USERS_READ)
def end_start() -> ResponseReturnValue:
    set_start_view(None, by=actor())
    flash(_("The list of users now starts with everyone"), "success")
    return redirect(url_for("views.index"), 303)


@views_pages.get("/views/counts")
@requires(Permission.USERS_READ)
@from_replica
def counts() -> ResponseReturnValue:
    """Return the views of the navigation with their counts. Pages load this later, so that no page waits for counts."""
    views = first_views(current_user.id, NAVIGATION_VIEWS_MAX)
    return render_template("directory/views/_counts.html", views=[(view, count_people(view)) for view in views])


def _visible_view(view_id: UUID) -> SavedView:
    return get_view(view_id, user_id=current_user.id)


def _conflict_page(view: SavedView, form: VersionedForm, conflict: Conflict, *, action: str, back: str) -> str:
    return conflict_page(
        form,
        conflict,
        name=view.name,
        back=back,
        action=url_for(action, view_id=view.id),
        audit_action=Action.VIEW_UPDATED,
        edit=last_edit_of(view.id, Action.VIEW_UPDATED),
    )


def _new_page(form: NewViewForm) -> str:
    filters = filter_labels(parameters_of(form.address.data or EVERYONE))
    return render_template("directory/views/new.html", form=form, filters=filters)


def _form_values(form: NewViewForm) -> dict[str, Any]:
    return form.values | {"address": form.address.data or ""}
