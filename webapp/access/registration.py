"""Registers role labels for templates."""

from __future__ import annotations

from webapp.access.labels import FIELD_LABELS
from webapp.access.models import role_label
from webapp.audit.labels import FieldLabels
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.jinja_env.globals["role_label"] = role_label
    app.jinja_env.filters["role_label"] = role_label
