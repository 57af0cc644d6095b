"""The pages that are the same for each kind: create, show, edit, run, pause, resume, delete.

`add_pages` adds them to the blueprint of a kind. Each view gets the `Pages` of its kind as its first argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any, Generic
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.flashes import flash_done
from webapp.audit.queries import last_edit_of
from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.recurring.kinds import Kind, Row, Run
from webapp.recurring.labels import PageTexts
from webapp.recurring.queries import get_row, list_runs, newest_first
from webapp.recurring.rows import RunRow
from webapp.recurring.services import delete_row, pause_row, resume_row, run_row
from webapp.web.forms import CreationForm, Form
from webapp.web.guards import actor, requires
from webapp.web.idempotency import created_once
from webapp.web.merging import Conflict, VersionedForm, conflict_page, save_merged
from webapp.web.paging import parse_query_parameters


@dataclass(frozen=True)
class Pages(Generic[Row, Run]):
    """The pages of one kind.

    `name`: of the blueprint, and the folder of its templates. `parent`: endpoint and title of the page above the list.
    `create`: returns the function that stores a new row. `fields`: fills the choices of a form, and returns what the
    template of its fields needs. `details`: what the page of a row shows of it.
    """

    kind: Kind[Row, Run]
    name: str
    texts: PageTexts
    parent: tuple[str, str]
    new_form: type[CreationForm]
    edit_form: type[Any]
    create: Callable[[Any], Callable[[], Row]]
    update: Callable[[UUID, Any], Row]
    fields: Callable[[Any, Row | None], dict[str, object]]
    details: Callable[[Row], dict[str, object]]
    run_row: Callable[[Run, Row], RunRow]
    delete_with_sudo: bool

    def get(self, row_id: UUID) -> Row:
        return get_row(self.kind, row_id, owner_id=actor().id if self.kind.private else None)

    def url(self, view: str, **values: Any) -> str:
        return url_for(f"{self.name}.{view}", **values)


def add_pages(blueprint: Blueprint, pages: Pages[Any, Any]) -> None:
    def add(method: str, rule: str, view: Callable[..., ResponseReturnValue], *, sudo: bool = True) -> None:
        guard = requires(pages.kind.permission, sudo=sudo, everywhere=not pages.kind.private)
        # The limiter asks each view for its name.
        blueprint.add_url_rule(rule, view.__name__, guard(update_wrapper(partial(view, pages), view)), methods=[method])

    add("POST", "", create)
    add("GET", "/<uuid:row_id>", show, sudo=False)
    add("GET", "/<uuid:row_id>/edit", edit)
    add("POST", "/<uuid:row_id>", update)
    add("POST", "/<uuid:row_id>/run", run)
    add("POST", "/<uuid:row_id>/pause", pause, sudo=False)
    add("POST", "/<uuid:row_id>/resumption", resume)
    add("GET", "/<uuid:row_id>/deletion", confirm_deletion, sudo=pages.delete_with_sudo)
    add("POST", "/<uuid:row_id>/deletion", delete, sudo=pages.delete_with_sudo)


def create(pages: Pages[Any, Any]) -> ResponseReturnValue:
    form = pages.new_form()
    if form.validate():
        try:
            return _to(pages, created_once(form, partial(_create, pages, pages.create(form))))
        except Refused as error:
            form.add_error(error)
    return new_page(pages, form), 422


def _create(pages: Pages[Any, Any], work: Callable[[], Any]) -> UUID:
    row = work()
    flash_done(str(pages.texts.created) % {"name": row.name})
    row_id: UUID = row.id
    return row_id


def show(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    row = pages.get(row_id)
    runs = list_runs(pages.kind, row.id)
    page = paginate(runs, newest_first(pages.kind), parse_query_parameters(PageQuery).window)
    rows = [pages.run_row(run, row) for run in page.items]
    return render_template(f"{pages.name}/show.html", pages=pages, row=row, page=page, runs=rows, **pages.details(row))


def edit(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    row = pages.get(row_id)
    return _edit_page(pages, row, pages.edit_form.of(row))


def update(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    row, form = pages.get(row_id), pages.edit_form()
    if form.validate():
        try:
            row = save_merged(
                form, lambda: pages.update(row_id, form), saved=lambda: pages.edit_form.of(pages.get(row_id))
            )
        except Conflict as conflict:
            return _conflict_page(pages, row, form, conflict), 409
        except Refused as error:
            form.add_error(error)
        else:
            flash_done(_("Changes to %(name)s saved", name=row.name))
            return _to(pages, row_id)
    return _edit_page(pages, row, form), 422


def run(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    run_row(pages.kind, row_id, by=actor())
    flash(str(pages.texts.running), "success")
    return _to(pages, row_id)


def pause(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    flash_done(str(pages.texts.paused) % {"name": pause_row(pages.kind, row_id, by=actor()).name})
    return _to(pages, row_id)


def resume(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    flash_done(str(pages.texts.resumed) % {"name": resume_row(pages.kind, row_id, by=actor()).name})
    return _to(pages, row_id)


def confirm_deletion(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    return render_template("recurring/delete.html", pages=pages, row=pages.get(row_id), form=Form())


def delete(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    name = pages.get(row_id).name
    delete_row(pages.kind, row_id, by=actor())
    flash_done(str(pages.texts.deleted) % {"name": name})
    return redirect(pages.url("index"), 303)


def new_page(pages: Pages[Any, Any], form: CreationForm) -> str:
    return render_template("recurring/new.html", pages=pages, form=form, row=None, **pages.fields(form, None))


def _edit_page(pages: Pages[Any, Any], row: Any, form: VersionedForm) -> str:
    return render_template("recurring/edit.html", pages=pages, form=form, row=row, **pages.fields(form, row))


def _to(pages: Pages[Any, Any], row_id: UUID) -> ResponseReturnValue:
    return redirect(pages.url("show", row_id=row_id), 303)


def _conflict_page(pages: Pages[Any, Any], row: Any, form: VersionedForm, conflict: Conflict) -> str:
    action = pages.kind.action("updated")
    return conflict_page(
        form,
        conflict,
        name=row.name,
        back=pages.url("edit", row_id=row.id),
        action=pages.url("update", row_id=row.id),
        audit_action=action,
        edit=last_edit_of(row.id, action),
    )
