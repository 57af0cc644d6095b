"""Registers roles."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.audit.undo import UndoRegistry
from webapp.groups.commands import groups_commands
from webapp.roles.access_api import access_api
from webapp.roles.api import roles_api
from webapp.roles.api_examples import init_api_examples
from webapp.roles.commands import roles_commands
from webapp.roles.grant_api import grants_api
from webapp.roles.grant_commands import group_commands, person_commands
from webapp.roles.group_pages import group_roles_pages
from webapp.roles.labels import FIELD_LABELS, VALUE_TEXTS
from webapp.roles.pages import roles_pages
from webapp.roles.person_pages import person_access_pages
from webapp.roles.undo import UNDOS
from webapp.users.commands import users_commands
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
    app.cli.add_command(roles_commands)
    for command in person_commands:
        users_commands.add_command(command)
    for command in group_commands:
        groups_commands.add_command(command)
