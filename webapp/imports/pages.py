"""The pages of imports: choose a file, say what its columns mean, see what will happen, apply, undo."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

from flask import Blueprint, Response, g, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.audit.flashes import flash_done
from webapp.bulk.guards import visible_requester_id
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _, language
from webapp.imports.creating import recognise_again, upload_file
from webapp.imports.forms import EncodingForm, FileForm
from webapp.imports.guards import get_own_import, get_visible_import
from webapp.imports.import_rows import import_rows
from webapp.imports.models import Import, State
from webapp.imports.not_imported import not_imported_csv
from webapp.imports.options_page import options_page, preview_from_form
from webapp.imports.queries import NEWEST_FIRST, list_imports
from webapp.imports.services import apply_import, discard_import, stop_import, stop_mail_out, undo_import
from webapp.imports.show_page import show_page
from webapp.imports.uploads import TooLarge, too_large
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.forms import Form
from webapp.web.guards import actor, check_confirmed, requires
from webapp.web.middleware import streams_body
from webapp.web.paging import parse_query_parameters

imports_pages = Blueprint("imports", __name__, url_prefix="/imports")
# The other fields of the form need some kilobytes.
FORM_BYTES = 64 * 1024


def body_limit() -> int:
    return current_settings().import_mb_max * 1024 * 1024 + FORM_BYTES


@imports_pages.get("")
@requires(Permission.IMPORTS_RUN)
def index() -> ResponseReturnValue:
    return _index(FileForm(None))


@imports_pages.post("")
@requires(Permission.IMPORTS_RUN)
@streams_body(body_limit)
def upload() -> ResponseReturnValue:
    form = FileForm()
    file = form.upload
    if file is None:
        form.add_error(Invalid(_("Choose a file"), field="file", code="missing"))
        return _index(form), 422
    try:
        with closing(file):
            imported = upload_file(file.stream, filename=file.filename or "", by=actor(), locale=language())
    except (Invalid, TooLarge) as error:
        form.add_error(error, default_field="file")
        return _index(form), error.status
    return _redirect_to(imported)


@imports_pages.errorhandler(RequestEntityTooLarge)
def refuse_large_body(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Show the error beside the field. The body was not read."""
    g.refused = RequestEntityTooLarge.__name__
    form = FileForm(None)
    form.add_error(too_large())
    return _index(form), 413


@imports_pages.get("/<uuid:import_id>")
@requires(Permission.IMPORTS_RUN)
def show(import_id: UUID) -> ResponseReturnValue:
    imported = get_visible_import(import_id)
    if imported.state == State.UPLOADED:
        return options_page(imported)
    return show_page(imported)


@imports_pages.get("/<uuid:import_id>/columns")
@requires(Permission.IMPORTS_RUN)
def columns(import_id: UUID) -> ResponseReturnValue:
    imported = get_own_import(import_id)
    if imported.state not in {State.UPLOADED, State.PLANNED}:
        return _redirect_to(imported)
    return options_page(imported)


@imports_pages.post("/<uuid:import_id>/encoding")
@requires(Permission.IMPORTS_RUN)
def encoding(import_id: UUID) -> ResponseReturnValue:
    imported = get_own_import(import_id)
    form = EncodingForm()
    try:
        return _redirect_to(recognise_again(import_id, encoding=form.encoding.data or "", by=actor()))
    except Invalid as error:
        form.add_error(error, default_field="encoding")
        return options_page(imported, encoding_form=form), 422


@imports_pages.post("/<uuid:import_id>/preview")
@requires(Permission.IMPORTS_RUN)
def preview(import_id: UUID) -> ResponseReturnValue:
    imported = get_own_import(import_id)
    form = preview_from_form(imported)
    return _redirect_to(imported) if form is None else (options_page(imported, form=form), 422)


@imports_pages.post("/<uuid:import_id>/application")
@requires(Permission.IMPORTS_RUN)
def apply(import_id: UUID) -> ResponseReturnValue:
    imported = get_own_import(import_id)
    check_confirmed()
    try:
        return _redirect_to(apply_import(import_id, plan_hash=request.form.get("plan", ""), by=actor()))
    except Invalid as error:
        return _show_with(error, imported)


@imports_pages.post("/<uuid:import_id>/stop")
@requires(Permission.IMPORTS_RUN)
def stop(import_id: UUID) -> ResponseReturnValue:
    get_own_import(import_id)
    return _redirect_to(stop_import(import_id, by=actor()))


@imports_pages.post("/<uuid:import_id>/invitations/stop")
@requires(Permission.IMPORTS_RUN)
def stop_invitations(import_id: UUID) -> ResponseReturnValue:
    get_own_import(import_id)
    return _redirect_to(stop_mail_out(import_id, by=actor()))


@imports_pages.post("/<uuid:import_id>/undo")
@requires(Permission.IMPORTS_RUN, sudo=True)
def undo(import_id: UUID) -> ResponseReturnValue:
    imported = get_own_import(import_id)
    try:
        return _redirect_to(undo_import(import_id, by=actor()))
    except Invalid as error:
        return _show_with(error, imported)


@imports_pages.post("/<uuid:import_id>/removal")
@requires(Permission.IMPORTS_RUN)
def discard(import_id: UUID) -> ResponseReturnValue:
    get_own_import(import_id)
    discard_import(import_id, by=actor())
    flash_done(_("Import discarded"))
    return redirect(url_for("imports.index"), 303)


@imports_pages.get("/<uuid:import_id>/not-imported.csv")
@requires(Permission.IMPORTS_RUN)
def not_imported(import_id: UUID) -> ResponseReturnValue:
    """The rows that can be corrected and imported again."""
    imported = get_own_import(import_id)
    response = Response(stream_with_context(not_imported_csv(imported)), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"not-imported-{now():%Y-%m-%d}.csv")
    return response


def _index(form: FileForm) -> str:
    requester_id = visible_requester_id()
    page = paginate(list_imports(requested_by_id=requester_id), NEWEST_FIRST, parse_query_parameters(PageQuery).window)
    return render_template(
        "imports/index.html",
        form=form,
        page=page,
        rows=import_rows(page.items),
        of_everyone=requester_id is None,
        size_max=current_settings().import_mb_max,
    )


def _redirect_to(imported: Import) -> ResponseReturnValue:
    return redirect(url_for("imports.show", import_id=imported.id), 303)


def _show_with(error: Refused, imported: Import) -> ResponseReturnValue:
    """Show an error above the preview, such as a missing reason."""
    errors = Form()
    errors.add_error(error)
    return show_page(get_visible_import(imported.id), errors=errors), 422
