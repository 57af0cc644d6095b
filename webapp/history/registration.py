"""Registers the pages of the audit trail."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.history.activity_api import activity_api
from webapp.history.api import history_api
from webapp.history.api_examples import init_api_examples
from webapp.history.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.history.log import log_entries
from webapp.history.pages import history_pages
from webapp.signin.limit_keys import user_key
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples
from webapp.web.rate_limits import limit_exports


def register(app: App) -> None:
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.register_blueprint(history_pages)
    app.register_api(history_api)
    app.register_api(activity_api)
    limit_exports(app, "history.export_as", user_key)
    app.jinja_env.globals["log_entries"] = log_entries
