"""Registers bulk changes."""

from __future__ import annotations

from webapp.audit.holds import Holds
from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.bulk import tasks
from webapp.bulk.api import bulk_api
from webapp.bulk.api_examples import init_api_examples
from webapp.bulk.export_api import bulk_export_api
from webapp.bulk.holds import records_to_undo
from webapp.bulk.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.bulk.pages import bulk_pages
from webapp.bulk.requester import erase_person
from webapp.bulk.selection import SELECTED_MAX, offered_actions, offers_actions, returned_selection
from webapp.core.erasure import ErasureHooks
from webapp.jobs.kinds import JobKinds
from webapp.signin.limit_keys import user_key
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples
from webapp.web.rate_limits import limit_exports


def register(app: App) -> None:
    app.registry.get(Holds).append(records_to_undo)
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(JobKinds).register(tasks.plan, tasks.apply, tasks.undo, tasks.export, tasks.purge)
    app.registry.get(ErasureHooks).append(erase_person)
    app.register_blueprint(bulk_pages)
    app.register_api(bulk_api)
    app.register_api(bulk_export_api)
    limit_exports(app, "bulk.export", user_key)
    limit_exports(app, "bulk_export_api.export", user_key)
    app.jinja_env.globals["offered_bulk_actions"] = offered_actions
    app.jinja_env.globals["offers_bulk_actions"] = offers_actions
    app.jinja_env.globals["returned_selection"] = returned_selection
    app.jinja_env.globals["selected_max"] = SELECTED_MAX
