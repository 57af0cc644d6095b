"""Registers groups."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels
from webapp.audit.undo import UndoRegistry
from webapp.groups.api import groups_api
from webapp.groups.api_examples import init_api_examples
from webapp.groups.labels import FIELD_LABELS
from webapp.groups.member_api import members_api
from webapp.groups.member_pages import group_members_pages
from webapp.groups.owner_pages import group_owners_pages
from webapp.groups.pages import groups_pages
from webapp.groups.tasks import count_groups
from webapp.groups.undo import UNDOS
from webapp.jobs.kinds import JobKinds
from webapp.web.api import App
from webapp.web.api_panel import ApiExamples


def register(app: App) -> None:
    init_api_examples(app.registry.get(ApiExamples))
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.registry.get(JobKinds).register(count_groups)
    for pages in (groups_pages, group_members_pages, group_owners_pages):
        app.register_blueprint(pages)
    for api in (groups_api, members_api):
        app.register_api(api)
