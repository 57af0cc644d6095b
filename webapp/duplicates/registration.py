"""Registers the pages, API, commands, job and undo functions of duplicates."""

from __future__ import annotations

from webapp.audit.holds import Holds
from webapp.audit.labels import FieldLabels
from webapp.audit.undo import UndoRegistry
from webapp.duplicates import tasks
from webapp.duplicates.api import duplicates_api
from webapp.duplicates.api_examples import init_api_examples
from webapp.duplicates.holds import records_to_undo
from webapp.duplicates.labels import FIELD_LABELS
from webapp.duplicates.pages import duplicate_pages
from webapp.duplicates.rows import duplicates_of, kept_account
from webapp.duplicates.undo import UNDOS
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples


def register(app: App) -> None:
    app.registry.get(Holds).append(records_to_undo)
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(JobKinds).register(tasks.find)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(duplicate_pages)
    app.register_api(duplicates_api)
    init_api_examples(app.registry.get(ApiExamples))
    app.jinja_env.globals |= {"duplicates_of": duplicates_of, "kept_account": kept_account}
