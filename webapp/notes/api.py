"""Notes in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.core.permissions import Permission
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery
from webapp.notes.models import Note
from webapp.notes.queries import NEWEST_FIRST, get_note, notes_about
from webapp.notes.schemas import NoteIn, NoteOut, NotePage, NotePatch, NotePath
from webapp.notes.services import add_note, delete_note, edit_note
from webapp.notes.viewer import get_subject
from webapp.users.schemas import UserPath
from webapp.web.api import api_blueprint, created_response, if_match, json_with_etag, page_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.operations import batchable

notes_api = api_blueprint("notes_api", __name__, tag="Notes")
RIGHTS = "Takes `users.edit` for this user. No one sees notes about themselves."


@notes_api.get(
    "/users/<uuid:user_id>/notes",
    summary="List the notes about a user",
    description=f"Newest first. {RIGHTS}",
    responses=problem_responses(404) | {200: NotePage},
)
@requires(Permission.USERS_EDIT)
def index(path: UserPath, query: PageQuery) -> Response:
    page = paginate(notes_about(get_subject(path.user_id).id), NEWEST_FIRST, query.window)
    return page_response(NotePage.of(page), page)


@notes_api.post(
    "/users/<uuid:user_id>/notes",
    summary="Add a note about a user",
    description=RIGHTS,
    responses=problem_responses(404, 409) | {201: NoteOut},
)
@requires(Permission.USERS_EDIT)
@batchable()
def add(path: UserPath, body: NoteIn) -> Response:
    return idempotent(lambda: _created(add_note(path.user_id, text=body.text, by=actor())))


@notes_api.get(
    "/users/<uuid:user_id>/notes/<uuid:note_id>",
    summary="Show a note",
    responses=problem_responses(404) | {200: NoteOut},
)
@requires(Permission.USERS_EDIT)
def show(path: NotePath) -> Response:
    return json_with_etag(_shown(path))


@notes_api.patch(
    "/users/<uuid:user_id>/notes/<uuid:note_id>",
    summary="Change your own note",
    responses=problem_responses(404, 409, 412) | {200: NoteOut},
)
@requires(Permission.USERS_EDIT)
@batchable()
def update(path: NotePath, body: NotePatch) -> Response:
    with if_match(lambda: _shown(path)) as version:
        if not body.model_fields_set:
            return json_with_etag(_shown(path))
        note = edit_note(path.note_id, user_id=path.user_id, text=body.text, version=version, by=actor())
        return json_with_etag(NoteOut.of(note))


@notes_api.delete(
    "/users/<uuid:user_id>/notes/<uuid:note_id>",
    summary="Delete a note",
    description="Your own or, with `users.delete`, that of another. It is erased after some days.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.USERS_EDIT)
@batchable()
def delete(path: NotePath) -> Response:
    with if_match(lambda: _shown(path)) as version:
        delete_note(path.note_id, user_id=path.user_id, version=version, by=actor())
    return Response(status=204)


def _shown(path: NotePath) -> NoteOut:
    return NoteOut.of(get_note(path.note_id, user_id=get_subject(path.user_id).id))


def _created(note: Note) -> Response:
    return created_response(json_with_etag(NoteOut.of(note)), "notes_api.show", user_id=note.user_id, note_id=note.id)
