"""Registers the e-mail settings."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, SubjectTexts
from webapp.audit.undo import UndoRegistry
from webapp.mail_settings.api import settings_api
from webapp.mail_settings.api_examples import init_api_examples
from webapp.mail_settings.labels import FIELD_LABELS, subject_text
from webapp.mail_settings.organisation_pages import organisation_pages
from webapp.mail_settings.pages import mail_settings_pages
from webapp.mail_settings.undo import UNDOS
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples


def register(app: App) -> None:
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(SubjectTexts)["mail_settings"] = subject_text
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(organisation_pages)
    app.register_blueprint(mail_settings_pages)
    app.register_api(settings_api)
