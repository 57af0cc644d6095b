"""Registers scheduled exports."""

from __future__ import annotations

from functools import partial

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.core.erasure import ErasureHooks
from webapp.jobs.kinds import JobKinds
from webapp.jobs.timetables import DueWork
from webapp.recurring.starting import forget_owner
from webapp.scheduled_exports import tasks
from webapp.scheduled_exports.api import scheduled_exports_api
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.labels import FIELD_LABELS, TARGET_LABELS, VALUE_TEXTS
from webapp.scheduled_exports.pages import scheduled_export_pages
from webapp.scheduled_exports.starting import start_due_exports
from webapp.scheduled_exports.undo import UNDOS
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.registry.get(JobKinds).register(tasks.run, tasks.purge)
    app.registry.get(DueWork).append(start_due_exports)
    app.registry.get(ErasureHooks).append(partial(forget_owner, EXPORTS))
    app.register_blueprint(scheduled_export_pages)
    app.register_api(scheduled_exports_api)
    app.jinja_env.globals["export_target_label"] = TARGET_LABELS.__getitem__
