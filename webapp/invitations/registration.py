"""Registers labels of invitations."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.invitations.labels import FIELD_LABELS, STATE_LABELS, VALUE_TEXTS
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts).update(VALUE_TEXTS)
    app.jinja_env.globals["invitation_labels"] = STATE_LABELS
