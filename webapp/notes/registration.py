"""Registers the pages, API, job, undo functions and card of notes."""

from __future__ import annotations

from webapp.audit.undo import UndoRegistry
from webapp.core.erasure import ErasureHooks
from webapp.jobs.kinds import JobKinds
from webapp.notes import tasks
from webapp.notes.api import notes_api
from webapp.notes.card import notes_card
from webapp.notes.pages import note_pages
from webapp.notes.services import anonymise_author
from webapp.notes.undo import UNDOS
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(ErasureHooks).append(anonymise_author)
    app.registry.get(JobKinds).register(tasks.purge)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(note_pages)
    app.register_api(notes_api)
    app.jinja_env.globals["notes_card"] = notes_card
