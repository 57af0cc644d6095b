"""Registers bulk changes."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels
from webapp.bulk import tasks
from webapp.bulk.labels import FIELD_LABELS
from webapp.bulk.pages import bulk_pages, bulk_verbs
from webapp.bulk.services import forget_person
from webapp.core.erasure import ErasureHooks
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(JobKinds).register(tasks.plan, tasks.apply, tasks.undo, tasks.export, tasks.purge)
    app.registry.get(ErasureHooks).append(forget_person)
    app.register_blueprint(bulk_pages)
    app.jinja_env.globals["bulk_verbs"] = bulk_verbs
