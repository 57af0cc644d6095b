"""The pages of notes about a person."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit.flashes import flash_done
from webapp.core.errors import Deleted, Forbidden, Invalid, NotFound, Refused, Stale
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.notes.forms import EditNoteForm, NewNoteForm
from webapp.notes.queries import NEWEST_FIRST, get_note, notes_about
from webapp.notes.rows import note_rows
from webapp.notes.services import add_note, delete_note, edit_note
from webapp.notes.viewer import can_edit_note, get_subject
from webapp.users.models import User
from webapp.web.forms import safe_next
from webapp.web.guards import actor, requires
from webapp.web.idempotency import created_once
from webapp.web.paging import parse_query_parameters

note_pages = Blueprint("notes", __name__, url_prefix="/users/<uuid:user_id>/notes")


@note_pages.get("")
@requires(Permission.USERS_EDIT)
def show(user_id: UUID) -> ResponseReturnValue:
    return _page(get_subject(user_id), NewNoteForm(None))


@note_pages.post("")
@requires(Permission.USERS_EDIT)
def add(user_id: UUID) -> ResponseReturnValue:
    user, form, by = get_subject(user_id), NewNoteForm(), actor()
    status = 422
    if form.validate():
        try:
            created_once(form, lambda: add_note(user_id, text=form.text.data or "", by=by).id)
        except (Invalid, Deleted) as error:
            form.add_error(error)
            status = error.status
        else:
            flash_done(_("Note added"))
            return redirect(safe_next(form.next.data, url_for("notes.show", user_id=user_id)), 303)
    return _page(user, form), status


@note_pages.get("/<uuid:note_id>")
@requires(Permission.USERS_EDIT)
def edit(user_id: UUID, note_id: UUID) -> ResponseReturnValue:
    user, note = get_subject(user_id), get_note(note_id, user_id=user_id)
    if not can_edit_note(note):
        raise Forbidden(_("Only its author can change a note"))
    return _edit_page(user, note_id, EditNoteForm(None, obj=note))


@note_pages.post("/<uuid:note_id>")
@requires(Permission.USERS_EDIT)
def update(user_id: UUID, note_id: UUID) -> ResponseReturnValue:
    user, form = get_subject(user_id), EditNoteForm()
    status = 422
    if form.validate():
        try:
            edit_note(note_id, user_id=user_id, text=form.text.data or "", version=form.version.data, by=actor())
        except (Invalid, Stale, Deleted, NotFound) as error:
            form.add_error(_explained(error))
            status = error.status
        else:
            flash_done(_("Note saved"))
            return redirect(url_for("notes.show", user_id=user_id), 303)
    return _edit_page(user, note_id, form), status


@note_pages.post("/<uuid:note_id>/deletion")
@requires(Permission.USERS_EDIT)
def delete(user_id: UUID, note_id: UUID) -> ResponseReturnValue:
    get_subject(user_id)
    delete_note(note_id, user_id=user_id, by=actor())
    flash_done(_("Note deleted"))
    return redirect(safe_next(request.form.get("next"), url_for("notes.show", user_id=user_id)), 303)


def _explained(error: Refused) -> Refused:
    if isinstance(error, Stale):
        message = _("This note was changed in another window. Copy your text, then open the note again.")
        return Stale(message, field="text")
    return error


def _page(user: User, form: NewNoteForm) -> str:
    page = paginate(notes_about(user.id), NEWEST_FIRST, parse_query_parameters(PageQuery, limit=25).window)
    return render_template("notes/index.html", user=user, form=form, page=page, rows=note_rows(page.items, user.id))


def _edit_page(user: User, note_id: UUID, form: EditNoteForm) -> str:
    return render_template("notes/edit.html", user=user, note_id=note_id, form=form)
