"""Registers pages, API, commands, labels, jobs and authentication of API tokens."""

from __future__ import annotations

from webapp.api_tokens import tasks
from webapp.api_tokens.api import tokens_api
from webapp.api_tokens.identity import init_api_tokens
from webapp.api_tokens.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.api_tokens.pages import token_pages
from webapp.api_tokens.settings_pages import token_settings_pages
from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(JobKinds).register(tasks.notify)
    init_api_tokens(app)
    app.register_api(tokens_api)
    app.register_blueprint(token_pages)
    app.register_blueprint(token_settings_pages)
