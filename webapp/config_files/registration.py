"""Registers configuration files."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels
from webapp.audit.undo import UndoRegistry
from webapp.config_files.labels import FIELD_LABELS
from webapp.config_files.undo import UNDOS
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(UndoRegistry).update(UNDOS)
