"""The pages of scheduled exports. Most are those of all recurring work."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.bulk.export_columns import columns_of, exported_attributes
from webapp.bulk.export_form import FORMAT_LABELS
from webapp.bulk.export_formats import FileFormat
from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.permissions import Permission
from webapp.core.texts import LOCALES, _, language
from webapp.db.session import db
from webapp.directory.views.addresses import EVERYONE, validate_address
from webapp.directory.views.queries import list_views
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.recurring.pages import Pages, add_pages, new_page
from webapp.recurring.queries import list_rows
from webapp.scheduled_exports.forms import KEYS, EditExportForm, ExportFields, NewExportForm
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.labels import PAGE_TEXTS
from webapp.scheduled_exports.models import ScheduledExport
from webapp.scheduled_exports.queries import OLDEST_FIRST
from webapp.scheduled_exports.rows import export_row, export_run_row, people_label
from webapp.scheduled_exports.services import create_export, update_export
from webapp.web.guards import actor, can, requires
from webapp.web.paging import parse_query_parameters

scheduled_export_pages = Blueprint("scheduled_exports", __name__, url_prefix="/exports")
EXPORT = Permission.USERS_EXPORT
VIEWS_OFFERED = 200


@scheduled_export_pages.get("")
@requires(EXPORT)
def index() -> ResponseReturnValue:
    own = list_rows(EXPORTS, owner_id=actor().id)
    page, lists = paginate(own, OLDEST_FIRST, parse_query_parameters(PageQuery).window), _lists()
    rows = [export_row(export, lists) for export in page.items]
    return render_template("scheduled_exports/index.html", pages=PAGES, rows=rows, page=page, may_create=True)


@scheduled_export_pages.get("/new")
@requires(EXPORT, sudo=True)
def new() -> ResponseReturnValue:
    """The form. `view` in the address has the parameters of a list whose people are chosen."""
    try:
        address = validate_address(request.args.get("view", ""))
    except Invalid:
        address = EVERYONE
    return new_page(PAGES, NewExportForm(None, data={"address": address, "headings": language()}))


def _lists() -> dict[str, str]:
    """Return the lists that can be exported: address → name. Everyone, and the views that the person sees."""
    user_id = actor().id
    views = db.session.scalars(list_views(user_id).limit(VIEWS_OFFERED)).all() if user_id else []
    return {EVERYONE: str(_("Everyone"))} | {view.address: view.name for view in views}


def _fields(form: ExportFields, _export: ScheduledExport | None) -> dict[str, object]:
    may_use_folder = can(EXPORT, everywhere=True) and bool(current_settings().export_dir)
    form.set_choices(_lists(), columns_of(exported_attributes(actor())), may_use_folder=may_use_folder)
    return {}


def _update(export_id: UUID, form: EditExportForm) -> ScheduledExport:
    return update_export(export_id, **form.export, version=form.version.data, by=actor())


def _details(export: ScheduledExport) -> dict[str, object]:
    labels = {column.key: column.label for column in columns_of(exported_attributes(actor()))}
    return {
        "people": people_label(export.list_address, _lists()),
        "columns": [labels.get(key, key) for key in export.columns or ()],
        "format_label": FORMAT_LABELS[FileFormat(export.format)],
        "headings_label": _("Keys") if export.headings == KEYS else LOCALES[export.locale],
    }


PAGES = Pages(
    EXPORTS,
    name="scheduled_exports",
    texts=PAGE_TEXTS,
    parent=("directory.index", _("Users")),
    new_form=NewExportForm,
    edit_form=EditExportForm,
    create=lambda form: partial(create_export, **form.export, by=actor()),
    update=_update,
    fields=_fields,
    details=_details,
    run_row=export_run_row,
    delete_with_sudo=False,
)
add_pages(scheduled_export_pages, PAGES)
