"""The pages of saved mappings: list, rename, delete."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.attributes.display import editable_attributes
from webapp.audit.flashes import flash_done
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.imports.forms import MappingForm, target_choices
from webapp.imports.mapping_rows import mapping_row
from webapp.imports.mappings import delete_mapping, rename_mapping
from webapp.imports.models import SavedMapping
from webapp.imports.queries import BY_NAME, get_mapping, list_mappings
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.web.guards import actor, requires
from webapp.web.paging import parse_query_parameters

mapping_pages = Blueprint("import_mappings", __name__, url_prefix="/imports/mappings")


@mapping_pages.get("")
@requires(Permission.IMPORTS_RUN)
def index() -> ResponseReturnValue:
    page = paginate(list_mappings(), BY_NAME, parse_query_parameters(PageQuery).window)
    return render_template("imports/mappings.html", page=page, rows=[mapping_row(each) for each in page.items])


@mapping_pages.get("/<uuid:mapping_id>")
@requires(Permission.IMPORTS_RUN)
def show(mapping_id: UUID) -> ResponseReturnValue:
    saved = get_mapping(mapping_id)
    return _mapping_page(saved, MappingForm(None, name=saved.name))


@mapping_pages.post("/<uuid:mapping_id>")
@requires(Permission.IMPORTS_RUN)
def rename(mapping_id: UUID) -> ResponseReturnValue:
    saved, form = get_mapping(mapping_id), MappingForm()
    if form.validate():
        try:
            rename_mapping(mapping_id, name=form.name.data or "", by=actor())
        except Refused as error:
            form.add_error(error, default_field="name")
        else:
            flash_done(_("Changes saved"))
            return redirect(url_for("import_mappings.index"), 303)
    return _mapping_page(saved, form), 422


@mapping_pages.post("/<uuid:mapping_id>/removal")
@requires(Permission.IMPORTS_RUN)
def delete(mapping_id: UUID) -> ResponseReturnValue:
    flash_done(_("“%(name)s” deleted", name=delete_mapping(mapping_id, by=actor()).name))
    return redirect(url_for("import_mappings.index"), 303)


def _mapping_page(saved: SavedMapping, form: MappingForm) -> str:
    labels = dict(target_choices(editable_attributes()))
    return render_template("imports/mapping.html", row=mapping_row(saved, labels), form=form)
