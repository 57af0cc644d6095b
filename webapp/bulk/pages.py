"""The pages of bulk changes. People who can see everyone's jobs can see everyone's bulk changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.bulk.actions import ACTIONS, EXPORT, get_action
from webapp.bulk.change_rows import argument_fields, change_rows
from webapp.bulk.export_columns import HEADINGS
from webapp.bulk.export_form import ExportForm
from webapp.bulk.exports import export_bulk_change
from webapp.bulk.forms import ARGUMENT_FORMS, attribute_choices
from webapp.bulk.guards import check_permission, get_own_change, get_visible_change, is_own, visible_requester_id
from webapp.bulk.job_progress import job_progress
from webapp.bulk.labels import STATE_LABELS
from webapp.bulk.models import BulkChange, Outcome, State
from webapp.bulk.people_table import people_table
from webapp.bulk.queries import NEWEST_FIRST, list_changes
from webapp.bulk.schemas import BulkQuery
from webapp.bulk.selection import clean_view, list_address, read_selection
from webapp.bulk.services import (
    apply_bulk_change,
    create_bulk_change,
    preview_bulk_change,
    stop_bulk_change,
    undo_bulk_change,
)
from webapp.core.errors import Invalid, NotFound, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _, language
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.forms import Form
from webapp.web.guards import actor, check_confirmed, requires
from webapp.web.paging import parse_query_parameters

bulk_pages = Blueprint("bulk", __name__, url_prefix="/bulk")


@bulk_pages.get("")
@requires(Permission.USERS_READ)
def index() -> ResponseReturnValue:
    requester_id = visible_requester_id()
    window = parse_query_parameters(PageQuery).window
    page = paginate(list_changes(requested_by_id=requester_id), NEWEST_FIRST, window)
    return render_template("bulk/index.html", page=page, rows=change_rows(page.items), of_everyone=requester_id is None)


@bulk_pages.post("")
@requires(Permission.USERS_READ)
def create() -> ResponseReturnValue:
    action = get_action(request.form.get("action", ""))
    check_permission(action)
    view = ""
    try:
        view = clean_view(request.form.get("view", ""))
        selection = read_selection(request.form, view)
        bulk = create_bulk_change(
            action.name,
            people=selection.people,
            selected=selection.count,
            view=selection.view,
            list_view=view,
            by=actor(),
            locale=language(),
        )
    except Invalid as error:
        flash(error.message, "error")
        return redirect(url_for("directory.index") + (f"?{view}" if view else ""), 303)
    return _redirect_to(bulk)


@bulk_pages.get("/<uuid:bulk_id>")
@requires(Permission.USERS_READ)
def show(bulk_id: UUID) -> ResponseReturnValue:
    bulk = get_visible_change(bulk_id)
    if is_own(bulk) and ACTIONS[bulk.action].sudo and bulk.state in {State.DRAFT, State.PLANNED}:
        check_confirmed()
    return _change_page(bulk, form=_argument_form(bulk, parse_query_parameters(BulkQuery).attribute))


@bulk_pages.post("/<uuid:bulk_id>/plan")
@requires(Permission.USERS_READ)
def plan(bulk_id: UUID) -> ResponseReturnValue:
    bulk, action = get_own_change(bulk_id)
    form = _argument_form(bulk, request.form.get("attribute", ""))
    argument = {}
    if form is not None:
        try:
            if not form.validate():
                return _change_page(bulk, form=form), 422
            argument = form.argument
        except (Invalid, NotFound) as error:
            form.add_error(error)
            return _change_page(bulk, form=form), 422
    elif action.needs_argument:
        raise Refused(_("Choose an attribute"), field="attribute")
    return _redirect_to(preview_bulk_change(bulk_id, argument=argument, by=actor()))


@bulk_pages.post("/<uuid:bulk_id>/application")
@requires(Permission.USERS_READ)
def apply(bulk_id: UUID) -> ResponseReturnValue:
    _bulk, action = get_own_change(bulk_id)
    if action.sudo:
        check_confirmed()
    try:
        return _redirect_to(apply_bulk_change(bulk_id, plan_hash=request.form.get("plan", ""), by=actor()))
    except Invalid as error:
        return _change_page_with(error, bulk_id)


@bulk_pages.post("/<uuid:bulk_id>/stop")
@requires(Permission.USERS_READ)
def stop(bulk_id: UUID) -> ResponseReturnValue:
    get_own_change(bulk_id)
    return _redirect_to(stop_bulk_change(bulk_id, by=actor()))


@bulk_pages.post("/<uuid:bulk_id>/undo")
@requires(Permission.USERS_READ)
def undo(bulk_id: UUID) -> ResponseReturnValue:
    _bulk, action = get_own_change(bulk_id)
    if action.undo_sudo:
        check_confirmed()
    try:
        return _redirect_to(undo_bulk_change(bulk_id, by=actor()))
    except Invalid as error:
        return _change_page_with(error, bulk_id)


@bulk_pages.post("/<uuid:bulk_id>/file")
@requires(Permission.USERS_EXPORT, sudo=True)
def export(bulk_id: UUID) -> ResponseReturnValue:
    """A POST, because the export writes an audit record."""
    bulk, action = get_own_change(bulk_id)
    if action.name != EXPORT:
        raise NotFound(_("Page not found"))
    form = ExportForm()
    if not form.validate():
        return _change_page(bulk, form=None, export_form=form), 422
    try:
        file = export_bulk_change(bulk_id, options=form.options, by=actor())
    except Invalid as error:
        form.add_error(error)
        return _change_page(get_visible_change(bulk_id), form=None, export_form=form), 422
    if file is None:
        return _redirect_to(bulk)
    response = Response(file.content, content_type=file.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    return response


def _redirect_to(bulk: BulkChange) -> ResponseReturnValue:
    return redirect(url_for("bulk.show", bulk_id=bulk.id), 303)


def _change_page_with(error: Invalid, bulk_id: UUID) -> ResponseReturnValue:
    """Show an error above the preview, such as a missing reason."""
    errors = Form()
    errors.add_error(error)
    bulk = get_visible_change(bulk_id)
    return _change_page(bulk, form=_argument_form(bulk), errors=errors), 422


def _change_page(
    bulk: BulkChange, *, form: Any, errors: Form | None = None, export_form: ExportForm | None = None
) -> str:
    action, own = ACTIONS[bulk.action], is_own(bulk)
    return render_template(
        "bulk/show.html",
        bulk=bulk,
        action=action,
        is_own=own,
        list_url=list_address(bulk, with_selection=own),
        title=action.title.format(bulk.total),
        state_label=STATE_LABELS[bulk.state],
        argument=argument_fields(bulk),
        form=form,
        errors=errors or Form(),
        attributes=attribute_choices() if action.argument_form == "attribute" and own else [],
        columns=HEADINGS.values(),
        export_form=export_form or ExportForm(formdata=None),
        progress=job_progress(bulk),
        to_change=bulk.count(Outcome.CHANGE),
        changed=bulk.count(Outcome.DONE),
        people=people_table(bulk, parse_query_parameters(BulkQuery)),
    )


def _argument_form(bulk: BulkChange, attribute: str = "") -> Any:
    """Return the form of the argument. None if there is none, or if the viewer can no longer change it."""
    action = ACTIONS[bulk.action]
    if not action.needs_argument or not is_own(bulk) or bulk.was_applied:
        return None
    argument = {"attribute": attribute} if attribute else bulk.argument
    return ARGUMENT_FORMS[action.argument_form](argument)
