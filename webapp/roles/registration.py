"""Registers roles."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.roles.access_api import access_api
from webapp.roles.api import roles_api
from webapp.roles.api_examples import init_api_examples
from webapp.roles.grant_api import grants_api
from webapp.roles.group_pages import group_roles_pages
from webapp.roles.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.roles.pages import roles_pages
from webapp.roles.person_pages import person_access_pages
from webapp.roles.undo import UNDOS
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples


def register(app: App) -> None:
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.registry.get(UndoRegistry).update(UNDOS)
    for pages in (roles_pages, person_access_pages, group_roles_pages):
        app.register_blueprint(pages)
    for api in (roles_api, grants_api, access_api):
        app.register_api(api)
