"""Registers imports."""

from __future__ import annotations

from webapp.audit.holds import Holds
from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.core.erasure import ErasureHooks
from webapp.imports import tasks
from webapp.imports.api import imports_api
from webapp.imports.erasing import erase_person
from webapp.imports.holds import records_to_undo
from webapp.imports.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.imports.mapping_api import mapping_api
from webapp.imports.mapping_pages import mapping_pages
from webapp.imports.mapping_undo import UNDOS
from webapp.imports.pages import imports_pages
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(Holds).append(records_to_undo)
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.registry.get(JobKinds).register(tasks.plan, tasks.apply, tasks.undo, tasks.invite, tasks.purge)
    app.registry.get(ErasureHooks).append(erase_person)
    app.register_blueprint(imports_pages)
    app.register_blueprint(mapping_pages)
    app.register_api(imports_api)
    app.register_api(mapping_api)
