"""Registers groups."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels
from webapp.audit.undo import UndoRegistry
from webapp.groups.labels import FIELD_LABELS
from webapp.groups.member_pages import group_members_pages
from webapp.groups.pages import groups_pages
from webapp.groups.undo import UNDOS
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(UndoRegistry).update(UNDOS)
    app.register_blueprint(groups_pages)
    app.register_blueprint(group_members_pages)
