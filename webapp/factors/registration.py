"""Registers the pages and labels of factors."""

from __future__ import annotations

from webapp.audit.labels import FieldLabels, ValueTexts
from webapp.factors.labels import FIELD_LABELS, factor_text
from webapp.factors.pages import factor_pages, well_known_pages
from webapp.factors.passkey_options import passkeys_work
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    app.registry.get(ValueTexts)["factor"] = factor_text
    app.jinja_env.globals["passkeys_work"] = passkeys_work
    app.register_blueprint(factor_pages)
    app.register_blueprint(well_known_pages)
