"""Registers access reviews."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.core.formats import format_iso_date
from webapp.reviews.labels import FIELD_LABELS
from webapp.reviews.pages import reviews_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts)["on"] = format_iso_date
    app.register_blueprint(reviews_pages)
