"""The pages of scheduled exports: list, create, edit, run, pause, delete, and the runs of one."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.flashes import flash_done
from webapp.audit.models import Action
from webapp.audit.queries import last_edit_of
from webapp.bulk.export_columns import columns_of, exported_attributes
from webapp.bulk.export_form import FORMAT_LABELS
from webapp.bulk.export_formats import FileFormat
from webapp.core.context import current_settings
from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Permission
from webapp.core.texts import LOCALES, _, language
from webapp.db.session import db
from webapp.directory.views.addresses import EVERYONE, validate_address
from webapp.directory.views.queries import list_views
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.scheduled_exports.forms import KEYS, EditExportForm, ExportFields, NewExportForm
from webapp.scheduled_exports.models import ScheduledExport
from webapp.scheduled_exports.queries import NEWEST_FIRST, OLDEST_FIRST, get_export, list_exports, list_runs
from webapp.scheduled_exports.rows import export_rows, people_label, run_rows
from webapp.scheduled_exports.services import (
    create_export,
    delete_export,
    pause_export,
    resume_export,
    run_export,
    update_export,
)
from webapp.web.forms import Form
from webapp.web.guards import actor, can, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, conflict_page, save_merged
from webapp.web.paging import parse_query_parameters

scheduled_export_pages = Blueprint("scheduled_exports", __name__, url_prefix="/exports")
EXPORT = Permission.USERS_EXPORT
VIEWS_OFFERED = 200


@scheduled_export_pages.get("")
@requires(EXPORT)
def index() -> ResponseReturnValue:
    page = paginate(list_exports(owner_id=actor().id), OLDEST_FIRST, parse_query_parameters(PageQuery).window)
    return render_template("scheduled_exports/index.html", rows=export_rows(page.items, _lists()), page=page)


@scheduled_export_pages.get("/new")
@requires(EXPORT, sudo=True)
def new() -> ResponseReturnValue:
    """The form. `view` in the address has the parameters of a list whose people are chosen."""
    try:
        address = validate_address(request.args.get("view", ""))
    except Invalid:
        address = EVERYONE
    return _new_page(NewExportForm(None, data={"address": address, "headings": language()}))


@scheduled_export_pages.post("")
@requires(EXPORT, sudo=True)
def create() -> ResponseReturnValue:
    form = NewExportForm()
    if form.validate():
        try:
            return _to(created_once(form, partial(_create, form)))
        except Refused as error:
            form.add_error(error)
    return _new_page(form), 422


def _create(form: NewExportForm) -> UUID:
    export = create_export(**form.export, by=actor())
    flash_done(_("Export %(name)s scheduled", name=export.name))
    return export.id


@scheduled_export_pages.get("/<uuid:export_id>")
@requires(EXPORT)
def show(export_id: UUID) -> ResponseReturnValue:
    export = _own(export_id)
    page = paginate(list_runs(export.id), NEWEST_FIRST, parse_query_parameters(PageQuery).window)
    labels = {column.key: column.label for column in columns_of(exported_attributes(actor()))}
    return render_template(
        "scheduled_exports/show.html",
        export=export,
        page=page,
        runs=run_rows(page.items, export),
        people=people_label(export.list_address, _lists()),
        columns=[labels.get(key, key) for key in export.columns or ()],
        format_label=FORMAT_LABELS[FileFormat(export.format)],
        headings_label=_("Keys") if export.headings == KEYS else LOCALES[export.locale],
    )


@scheduled_export_pages.get("/<uuid:export_id>/edit")
@requires(EXPORT, sudo=True)
def edit(export_id: UUID) -> ResponseReturnValue:
    export = _own(export_id)
    return _edit_page(export, EditExportForm.of(export))


@scheduled_export_pages.post("/<uuid:export_id>")
@requires(EXPORT, sudo=True)
def update(export_id: UUID) -> ResponseReturnValue:
    export, form = _own(export_id), EditExportForm()
    if form.validate():
        try:
            export = save_merged(
                form,
                lambda: update_export(export_id, **form.export, version=form.version.data, by=actor()),
                saved=lambda: EditExportForm.of(_own(export_id)),
            )
        except Conflict as conflict:
            return _conflict_page(export, form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=export.name))
            return _to(export_id)
    return _edit_page(export, form), 422


@scheduled_export_pages.post("/<uuid:export_id>/run")
@requires(EXPORT, sudo=True)
def run(export_id: UUID) -> ResponseReturnValue:
    run_export(export_id, by=actor())
    flash(_("The file is being created. You see it here."), "success")
    return _to(export_id)


@scheduled_export_pages.post("/<uuid:export_id>/pause")
@requires(EXPORT)
def pause(export_id: UUID) -> ResponseReturnValue:
    flash_done(_("Export %(name)s paused", name=pause_export(export_id, by=actor()).name))
    return _to(export_id)


@scheduled_export_pages.post("/<uuid:export_id>/resumption")
@requires(EXPORT, sudo=True)
def resume(export_id: UUID) -> ResponseReturnValue:
    flash_done(_("Export %(name)s resumed", name=resume_export(export_id, by=actor()).name))
    return _to(export_id)


@scheduled_export_pages.get("/<uuid:export_id>/deletion")
@requires(EXPORT)
def confirm_deletion(export_id: UUID) -> ResponseReturnValue:
    return render_template("scheduled_exports/delete.html", export=_own(export_id), form=Form())


@scheduled_export_pages.post("/<uuid:export_id>/deletion")
@requires(EXPORT)
def delete(export_id: UUID) -> ResponseReturnValue:
    name = _own(export_id).name
    delete_export(export_id, by=actor())
    flash_done(_("Export %(name)s deleted", name=name))
    return redirect(url_for("scheduled_exports.index"), 303)


def _own(export_id: UUID) -> ScheduledExport:
    return get_export(export_id, owner_id=actor().id)


def _to(export_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("scheduled_exports.show", export_id=export_id), 303)


def _lists() -> dict[str, str]:
    """Return the lists that can be exported: address → name. Everyone, and the views that the person sees."""
    user_id = actor().id
    views = db.session.scalars(list_views(user_id).limit(VIEWS_OFFERED)).all() if user_id else []
    return {EVERYONE: str(_("Everyone"))} | {view.address: view.name for view in views}


def _new_page(form: NewExportForm) -> str:
    return render_template("scheduled_exports/new.html", **_context(form))


def _edit_page(export: ScheduledExport, form: EditExportForm) -> str:
    return render_template("scheduled_exports/edit.html", export=export, **_context(form))


def _context(form: ExportFields) -> dict[str, object]:
    may_use_folder = can(EXPORT, everywhere=True) and bool(current_settings().export_dir)
    form.set_choices(_lists(), columns_of(exported_attributes(actor())), may_use_folder=may_use_folder)
    return {"form": form}


def _conflict_page(export: ScheduledExport, form: EditExportForm, conflict: Conflict) -> str:
    return conflict_page(
        form,
        conflict,
        name=export.name,
        back=url_for("scheduled_exports.edit", export_id=export.id),
        action=url_for("scheduled_exports.update", export_id=export.id),
        audit_action=Action.SCHEDULED_EXPORT_UPDATED,
        edit=last_edit_of(export.id, Action.SCHEDULED_EXPORT_UPDATED),
    )
