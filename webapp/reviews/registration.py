"""Registers access reviews."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.core.formats import format_iso_date
from webapp.reviews.api import reviews_api
from webapp.reviews.labels import FIELD_LABELS
from webapp.reviews.pages import reviews_pages
from webapp.signin.limit_keys import user_key
from webapp.web.api import App
from webapp.web.rate_limits import limit_exports


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts)["on"] = format_iso_date
    app.register_blueprint(reviews_pages)
    app.register_api(reviews_api)
    limit_exports(app, "reviews.export", user_key)
    limit_exports(app, "reviews_api.export", user_key)
